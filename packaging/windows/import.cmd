@echo off
rem bacnet-bridge import, for a double click or a prompt: import.cmd --help
call "%~dp0bridge.cmd" import %*
set ended=%ERRORLEVEL%
if "%~1"=="" pause
exit /b %ended%
