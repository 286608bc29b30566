; Inno Setup: an installer for one user, which needs no administrator.
;   iscc /DVersion=0.1.0 /DFlavour=light /DSource=…\build\bundle\camviewer-… packaging\windows\camviewer.iss
#ifndef Version
  #error Say which version: /DVersion=…
#endif
#ifndef Source
  #error Say where the program's folder is: /DSource=…
#endif
#ifndef Flavour
  #define Flavour "light"
#endif
#ifndef Output
  #define Output "..\..\dist"
#endif

[Setup]
AppId={{6E0D7B55-6C1D-4B6D-9D53-3C2B8E1B7A11}
AppName=camviewer
AppVersion={#Version}
AppPublisher=The camviewer authors
DefaultDirName={autopf}\camviewer
DefaultGroupName=camviewer
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
LicenseFile={#Source}\_internal\THIRD-PARTY-NOTICES.txt
OutputDir={#Output}
OutputBaseFilename=camviewer-{#Version}-windows-x86_64-{#Flavour}-setup
SetupIconFile=..\..\build\bundle\icons\camviewer.ico
UninstallDisplayIcon={app}\camviewer.exe
; The files are compressed already, in the main; LZMA's best would take an hour for CUDA's.
Compression=lzma2/fast
SolidCompression=no
LZMANumBlockThreads=2
WizardStyle=modern
; To sign: /Ssign="signtool sign /fd sha256 /tr … $f" on iscc's line, and then
;SignTool=sign

[Languages]
Name: "english"; MessagesFile: "compiler:Default.isl"
#if FileExists(CompilerPath + "Languages\Korean.isl")
Name: "korean"; MessagesFile: "compiler:Languages\Korean.isl"
#endif

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked

[InstallDelete]
; Files of the version before would be taken by this one.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "{#Source}\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\camviewer"; Filename: "{app}\camviewer.exe"
Name: "{autodesktop}\camviewer"; Filename: "{app}\camviewer.exe"; Tasks: desktopicon

[Run]
Filename: "{app}\camviewer.exe"; Description: "{cm:LaunchProgram,camviewer}"; Flags: nowait postinstall skipifsilent
