@echo off
rem bacnet-bridge doctor, for a double click or a prompt: doctor.cmd --help
call "%~dp0bridge.cmd" doctor %*
set ended=%ERRORLEVEL%
if "%~1"=="" pause
exit /b %ended%
