/** What runs or is obeyed without a command of the person: on opening the folder, at a prompt, by git or by an editor. */
import type { NameRule } from './pattern.ts';

/** Never handed over. */
export const control: readonly NameRule[] = [
  [
    'editor settings and tasks',
    '.vscode/ .vscode-test/ .vscode-insiders/ .vscodium/ .zed/ .theia/ .nova/ .fleet/ .lapce/ .helix/ .pulsar/',
  ],
  [
    'editor settings',
    '.idea/ .vs/ .settings/ .atom/ .eclipse/ .metadata/ .kakoune/ .micro/ .lite-xl/ .emacs.d/ .doom.d/ .nvim/ nbproject/',
  ],
  ['run configurations of an editor', '.run/ *.run.xml *.launch *.iws *.ipr *.suo launch.vs.json tasks.vs.json'],
  ['container definition that editors run', '.devcontainer/ .devcontainer.json devcontainer.json'],
  ['editor workspace with settings and tasks', '*.code-workspace *.sublime-project *.sublime-workspace *.sublime-settings *.sublime-build'],
  [
    'agent settings',
    '.cursor/ .claude/ .codex/ .gemini/ .opencode/ .windsurf/ .kilocode/ .roo/ .cline/ .continue/ .aider/ .kiro/ .agents/',
  ],
  ['agent settings', '.agent/ .qwen/ .amp/ .goose/ .junie/ .trae/ .augment/ .crush/ .clinerules/ .copilot/ .codeium/ .tabnine/ .cody/'],
  ['agent settings', '.openhands/ .factory/ .devin/ .droid/ .warp/ .rovodev/ .zencoder/ .iflow/ .codebuddy/ .lingma/ .qoder/ .firebender/'],
  [
    'agent settings',
    '.pearai/ .void/ .antigravity/ .jules/ .kode/ .mux/ .pi/ .vibe/ .grok/ .forge/ .plandex/ .sourcegraph/ .bito/ .refact/',
  ],
  [
    'agent settings',
    '.supermaven/ .codegeex/ .aide/ .melty/ .serena/ .taskmaster/ .rulesync/ .ruler/ .ai/ .llm/ .specify/ .bmad-core/ .mentat/',
  ],
  [
    'agent settings',
    '.claude-plugin/ .claude.json .claude_code/ .deepagents/ .mastra/ .letta/ .smol/ .swe-agent/ .sweep/ .gpt-engineer/ .bolt/',
  ],
  [
    'agent settings',
    'opencode.<data> crush.json .crush.json .aider.conf.yml .aider.conf.yaml .aider.model.settings.yml .roomodes .kilocodemodes',
  ],
  [
    'tool server definitions that agents start',
    '.mcp/ .mcp.json mcp.json mcp_config.json mcp-config.json mcp_settings.json mcp.<data> .mcp.<data>',
  ],
  [
    'tool server definitions that agents start',
    'claude_desktop_config.json cline_mcp_settings.json gemini-extension.json mcp-servers.json mcp_servers.json',
  ],
  ['debugger start file', '.lldbinit .lldbinit-* .gdbinit .gdbearlyinit gdbinit'],
  [
    'plumbing of another version control',
    '.hg/ .jj/ .svn/ .bzr/ .fossil/ .fslckout _fossil_ .pijul/ _darcs/ cvs/{entries,root,repository} .sl/ .hgrc',
  ],
  ['Belay settings', '.belay/'],
];

/** Shown apart. */
export const obeyed: readonly NameRule[] = [
  ['git hook scripts', '.husky/ .githooks/ .git-hooks/ .hooks/ .git_hooks/ githooks/ git-hooks/'],
  [
    'git hook scripts',
    '{applypatch-msg,pre-applypatch,post-applypatch,pre-commit,pre-merge-commit,prepare-commit-msg,commit-msg,post-commit,pre-rebase,post-checkout,post-merge,pre-push,pre-receive,post-receive,update-hook,post-update,push-to-checkout,pre-auto-gc,post-rewrite,sendemail-validate,fsmonitor-watchman,post-index-change,reference-transaction,proc-receive}{,.sample,.sh}',
  ],
  [
    'git hook scripts',
    '{.,}{lefthook,lefthook-local,overcommit,pre-commit-config,pre-commit-hooks,lintstaged}.<data> captainhook.json grumphp.<data>',
  ],
  ['names programs that git runs on files', '.gitattributes'],
  ['settings that git obeys', '.gitconfig* .gitmessage* .lfsconfig .gitreview .gitlint'],
  ['whose names git shows as authors', '.mailmap'],
  [
    'run when a shell starts',
    '.bashrc .bash_* .profile .zshrc .zshenv .zprofile .zlogin .zlogout .kshrc .cshrc .tcshrc .login .logout .inputrc',
  ],
  [
    'run when a shell starts',
    'config.fish .xonshrc rc.elv config.nu env.nu *profile.ps1 {bash,zsh,sh,csh,ksh,fish,shell}rc {bash,zsh}_profile',
  ],
  [
    'run when a shell enters the folder',
    '.envrc .direnvrc .autoenv* .in.{ba,z,}sh .out.{ba,z,}sh {.,}mise*.toml .mise/ .rtx.toml .devbox/ devbox.json',
  ],
  [
    'run when a shell enters the folder',
    'devenv.<data> devenv.nix devenv.lock .flox/ .hermit/ activate-hermit* .nvmrc .ondir* .smartcd/ .localrc',
  ],
  [
    'programs that a shell picks up',
    '.venv/ venv/ .virtualenv/ virtualenv/ .conda/ .direnv/ .nodeenv/ .nodenv/ .pixi/ activate activate.{csh,fish,nu,ps1,bat,xsh} activate_this.py',
  ],
  [
    'picks the programs that run',
    '.*-version .tool-versions .sdkmanrc .jabbarc rust-toolchain rust-toolchain.toml global.json .prototools .asdfrc',
  ],
  ['picks the programs that run', '{python,node,ruby,java,go,runtime}{-,.}version runtime.txt .python-versions pyvenv.cfg .bun-version'],
  ['environment of the next run', '.env .env.local .flaskenv environment.d/'],
  ['run by every Python program', 'sitecustomize.py usercustomize.py *.pth *.egg-link __pycache__/ python*._pth'],
  [
    'run when an interpreter or REPL starts',
    '.pythonrc* .pythonstartup* .pdbrc* .ipython/ ipython_config.py ipython_kernel_config.py jupyter_*config.<data>',
  ],
  [
    'run when an interpreter or REPL starts',
    'jupyter_*config.py .jupyter/ startup.jl .juliarc.jl startup.m startupsav.m finish.m matlabrc.m pathdef.m octaverc',
  ],
  [
    'run when an interpreter or REPL starts',
    '.irbrc _irbrc irbrc .pryrc .rdebugrc .byebugrc rprofile.site renviron.site .rprofile .renviron .rdata *.rdata',
  ],
  [
    'run when an interpreter or REPL starts',
    '.ghci ghci.conf .ocamlinit .iex.exs .erlang .erlang.* .guile .sbclrc .clisprc* .scalarc predef.sc .jshellrc* init.jsh',
  ],
  [
    'run when an interpreter or REPL starts',
    '.psqlrc psqlrc .sqliterc .my.cnf my.cnf my.ini .mongo*rc.js .noderc* .node_repl* .perldb .octaverc .gnuplot wolframinit.m',
  ],
  [
    'run when an interpreter or REPL starts',
    'php.ini .user.ini .php.ini php-*.ini predef.scala .ammonite/ lua_init* .luainit* .tclshrc .wishrc .expect.rc',
  ],
  [
    'run when an editor opens the folder',
    '.exrc .vimrc .vim/ .gvimrc _vimrc _exrc _gvimrc .lvimrc .nvimrc .nvim.lua .lazy.lua .local.vim* session.vim .vimspector.json',
  ],
  [
    'run when an editor opens the folder',
    '.dir-locals.el .dir-locals-2.el .emacs .projectile .emacs.desktop .kakrc .nanorc .lite_project.lua .ycm_extra_conf.py',
  ],
  [
    'run when an editor opens the folder',
    '.luarc.json .luarc.jsonc .clangd compile_commands.json compile_flags.txt .ccls .merlin ols.json zls.json rust-project.json',
  ],
  [
    'run when an editor opens the folder',
    '.sourcekit-lsp/ .swiftpm/ omnisharp.json coc-settings.json .coc/ .lsp/ .clj-kondo/ .lspconfig* lapce.toml languages.toml',
  ],
  [
    'project files of an editor',
    '*.xcodeproj/ *.xcworkspace/ *.xcscheme *.xcconfig *.pbxproj *.playground/ *.iml .project .classpath .pydevproject .cproject',
  ],
  [
    'project files of an editor',
    '.factorypath *.rproj .rproj.user/ .spyproject/ .spyderproject *.kdev4 .kdev4/ *.geany .kateproject* .kateconfig *.komodoproject',
  ],
  [
    'project files of an editor',
    '*.user *.userprefs *.userosscache *.sln.docstates *.dotsettings *.cbp *.layout *.workspace *.pro.user* *.creator* *.lpi *.dproj',
  ],
  [
    'project files of an editor',
    '.brackets.json .ctags .ctags.d/ *.tmproj *.epf *.jucer cppproperties.json *.natstepfilter *.njsproj *.pyproj *.rbproj',
  ],
  [
    'settings of an environment that is started for the folder',
    '.gitpod.* .gitpod/ .replit replit.nix .idx/ devfile.<data> .devfile.<data> .stackblitzrc',
  ],
  [
    'settings of an environment that is started for the folder',
    '.codesandbox/ sandbox.config.json .glitch* .binder/ /binder/ .lagoon* .ddev/ .lando* .landofile',
  ],
  [
    'run by the desktop',
    '*.desktop *.directory *.lnk *.url *.webloc *.inetloc *.fileloc *.website *.scf *.pif desktop.ini autorun.inf folder.htt',
  ],
  [
    'run by the desktop',
    '*.library-ms *.search-ms *.searchconnector-ms *.settingcontent-ms *.theme *.themepack *.deskthemepack *.mobileconfig *.appref-ms',
  ],
  [
    'run by the system',
    '*.service *.socket *.timer *.mount *.automount crontab *.cron cron.{d,daily,hourly,weekly,monthly}/ anacrontab *.reg *.inf launchagents/',
  ],
  [
    'run by the system',
    'launchdaemons/ *.job .xinitrc .xsession* .xprofile .xserverrc .pam_environment .forward .procmailrc .ssh/ authorized_keys* ld.so.preload',
  ],
  [
    'settings that every program obeys',
    '.netrc _netrc .curlrc .wgetrc _curlrc .mailcap .lessfilter .lesskey .screenrc .tmux.conf .tmuxinator* .dircolors',
  ],
  [
    'settings that every program obeys',
    'openssl.cnf krb5.conf odbc.ini odbcinst.ini asound.conf .asoundrc fonts.conf .rhosts .shosts .npmrc npmrc .gnupg/',
  ],
  ['instructions for the next agent', '{agent,agents,claude,gemini,qwen,crush,codex,warp,jules,copilot,copilot-instructions,skill}.md'],
  [
    'instructions for the next agent',
    '{agent,agents,claude,gemini,qwen,crush,codex,warp,jules,skill}.*.md *.{prompt,chatmode,instructions,agent}.md *.mdc',
  ],
  [
    'instructions for the next agent',
    '.*rules .goosehints .openhands_instructions .aider* .augment-guidelines memory-bank/ .*-guidelines .windsurf* .cursor*',
  ],
  [
    'what agents may read',
    '.aiexclude .aiignore .{cursor,cursorindexing,codeium,aider,gemini,claude,cody,roo,cline,kilocode,continue,augment,llm,agent,opencode,qwen}ignore',
  ],
  [
    'instructions for the next agent',
    '/{.github,.gitea,.forgejo,.gitlab}/{agents,instructions,prompts,chatmodes,skills,copilot,duo}/ /.github/copilot*',
  ],
  [
    'commands that agents run',
    '/.github/hooks/ .coderabbit.<data> .pr_agent.toml .sourcery.<data> sweep.<data> ellipsis.<data> smithery.<data> .greptile*',
  ],
  ['picks files that agents get', '.worktreeinclude'],
  ['instructions and policy of the next run', 'workflow.md'],
];
