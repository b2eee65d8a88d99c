@echo off
rem bacnet-bridge, whatever folder this is called from. Texts and files are UTF-8, as everywhere else.
setlocal
set PYTHONUTF8=1
rem The passwords' folder beside site.yaml, as the service has it.
if not defined BRIDGE_SECRETS_DIR if exist "%CD%\secrets\" set "BRIDGE_SECRETS_DIR=%CD%\secrets"
"%~dp0environment\Scripts\bacnet-bridge.exe" %*
exit /b %ERRORLEVEL%
