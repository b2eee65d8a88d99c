@echo off
rem Makes an environment of its own beside this file, from the wheels beside it. Needs Python @PYTHON@ (64 bit), and no internet.
setlocal
cd /d "%~dp0"
py -@PYTHON@ -m venv environment || goto missing
environment\Scripts\python -m pip install --no-index --find-links wheelhouse bacnet-bridge==@VERSION@ || exit /b 1
echo Done. Try: bridge.cmd --version
exit /b 0
:missing
echo Python @PYTHON@ (64 bit) is not installed: run its installer first, with "py launcher" ticked.
exit /b 1
