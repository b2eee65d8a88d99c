@echo off
rem bacnet-bridge, whatever folder this is called from. Texts and files are UTF-8, as everywhere else.
setlocal
set PYTHONUTF8=1
"%~dp0environment\Scripts\bacnet-bridge.exe" %*
exit /b %ERRORLEVEL%
