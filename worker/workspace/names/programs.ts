/** What is a program by its ending: compiled code, packages of it, and scripts that a system starts by their names. */
import type { NameRule } from './pattern.ts';

export const programs: readonly NameRule[] = [
  ['a script of a shell', '*.{sh,bash,zsh,fish,ksh,csh,tcsh,dash,ash,nu,elv,xsh,mksh,command,tool,run,bats,sh.in,envrc,expect}'],
  [
    'a script that Windows runs',
    '*.{ps1,psm1,psd1,ps1xml,psc1,pssc,cdxml,msh,msh1,bat,cmd,btm,vbs,vbe,jse,wsf,wsh,wsc,ws,sct,hta,ahk,au3,kix,msc,rdp,iqy,slk}',
  ],
  ['a script that macOS runs', '*.{scpt,scptd,applescript,workflow,terminal,osax,jxa,wflow,shortcut,saver,prefpane}'],
  [
    'a compiled program or library',
    '*.{exe,com,scr,cpl,dll,ocx,sys,drv,ax,efi,so,dylib,bundle,ko,kext,o,a,lib,la,node,elf,axf,wasm,bc,xll,gadget}',
  ],
  [
    'a compiled program or library',
    '*.so.* *.{pyc,pyo,pyd,class,dex,odex,beam,elc,eln,zwc,luac,rbc,yarb,cmo,cmx,cma,cmxa,cmxs,rlib,rmeta,swf,ptx,cubin,metallib,pch,gch}',
  ],
  [
    'a package of programs',
    '*.{jar,war,ear,aar,jmod,rar.jar,whl,egg,pyz,pyzw,pex,shiv,phar,gem,nupkg,snupkg,vsix,crx,xpi,asar,nw,jnlp,application,xbap,xap,air}',
  ],
  [
    'a package of programs',
    '*.{deb,rpm,apk,aab,ipa,msi,msp,mst,msix,msixbundle,appx,appxbundle,appinstaller,appimage,flatpak,flatpakref,flatpakrepo,pkg,mpkg,dmg,iso,img,vhd,vhdx,ova,diagcab}',
  ],
  ['a package of programs', '*.{app,bundle,kext,plugin}/contents/ *.framework/ *.xcframework/'],
  [
    'runs code when it is loaded',
    '*.{pkl,pickle,joblib,dill,cloudpickle,rds,rda,chm,hlp,docm,dotm,xlsm,xltm,xlam,pptm,potm,ppam,sldm,odb}',
  ],
];
