@echo off
rem Installs gridmap from this folder, without a network: install.bat [FOLDER]
for %%V in (3.13 3.12 3.11) do (
  py -%%V -c "" >nul 2>nul && (
    py -%%V "%~dp0install.py" %*
    goto end
  )
)
python -c "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))" >nul 2>nul && (
  python "%~dp0install.py" %*
  goto end
)
echo [GM802] there is no Python that this bundle is for 1>&2
echo   where: this machine 1>&2
echo   fix:   install Python 3.11, 3.12 or 3.13 (64 bit) 1>&2
exit /b 2
:end
exit /b %ERRORLEVEL%
