@echo off
rem bacnet-bridge discover, for a double click or a prompt: discover.cmd --help
call "%~dp0bridge.cmd" discover %*
set ended=%ERRORLEVEL%
if "%~1"=="" pause
exit /b %ended%
