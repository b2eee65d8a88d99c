@echo off
rem bacnet-bridge check, for a double click or a prompt: check.cmd --help
call "%~dp0bridge.cmd" check %*
set ended=%ERRORLEVEL%
if "%~1"=="" pause
exit /b %ended%
