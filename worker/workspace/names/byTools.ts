/** What a build, test, package, deployment or review tool runs or obeys when the person or a service starts it. */
import type { NameRule } from './pattern.ts';

export const byTools: readonly NameRule[] = [
  // Continuous integration and what services do with a repository.
  [
    'CI configuration',
    '/{.github,.gitea,.forgejo}/{workflows,actions,workflow-templates,scripts}/ .circleci/ .buildkite/ .woodpecker/ .semaphore/ .teamcity/',
  ],
  [
    'CI configuration',
    '.{azure-pipelines,azuredevops,azdo,gitlab-ci,builds,harness,tekton,prow,zuul,zuul.d,ci,expeditor,kokoro,evergreen,concourse}/ bamboo-specs/',
  ],
  [
    'CI configuration',
    '{.,}{woodpecker,drone,appveyor,travis,gitlab-ci,azure-pipelines,bitbucket-pipelines,cirrus,cloudbuild,shippable,semaphore,wercker,codeship,codefresh,buildkite,screwdriver,vela,zuul,tekton,prow,evergreen,taskcluster,builds,build,hound,scrutinizer,lgtm,bitrise,codemagic,buddy,layerci,packit,copr}.<data>',
  ],
  [
    'CI configuration',
    '*-pipelines.<data> azure-pipelines*.<data> *.gitlab-ci.<data> buildspec*.<data> appspec*.<data> codeship-{services,steps}.<data>',
  ],
  [
    'CI configuration',
    'jenkinsfile jenkinsfile.* *.jenkinsfile /{ci,jenkins,tekton}/ .cirrus.star .drone.star *.jenkins action.{yml,yaml} cloudbuild*.<data>',
  ],
  [
    'decides who reviews or what a service does',
    'codeowners owners owners_aliases .mergify.<data> mergify.<data> .kodiak.toml bors.toml dependabot.<data>',
  ],
  [
    'decides who reviews or what a service does',
    'renovate.<data> renovate.json5 .renovate* {.,}codecov.<data> {.,}codeclimate.<data> sonar-project.properties',
  ],
  // Packages.
  ['package scripts', 'package.json composer.json package.yaml package.json5'],
  [
    'picks the packages that get installed',
    '*{.,-}lock *{.,-}lock.<data> *{.,-}lock.hcl *.lockfile *-lockfile *.lockb npm-shrinkwrap.json go.sum package.resolved',
  ],
  [
    'picks the packages that get installed',
    'requirements*.{txt,in} *requirements.txt requirements/*.{txt,in} constraints*.txt pipfile environment.{yml,yaml} conda.<data>',
  ],
  [
    'picks the packages that get installed',
    'bower.json /component.json jspm.<data> import{-,_,}map.json importmap.json vendor/{modules.txt,autoload.php,composer/,bin/,bundle/}',
  ],
  [
    'picks the packages that get installed',
    'cpanfile* /meta.{json,yml} packages.config *.nuspec paket.* directory.packages.props libs.versions.toml verification-metadata.xml',
  ],
  [
    'picks the packages that get installed',
    '/packages.{dhall,json,yml} packages.lock.json manifest.toml gemfile.* gems.rb gems.locked appraisals renv/ packrat/',
  ],
  ['package manager programs', '.yarn/ .pnp.* .bundle/ .gem/ .pnpmfile.<code> pnpmfile.<code> .yarnrc* .npm/ .pnpm-store/ .bun/'],
  [
    'package manager settings',
    'pnpm-workspace.yaml bunfig.toml nuget.config pip.conf pip.ini .pip/ .condarc condarc settings.xml ivysettings.xml uv.toml',
  ],
  [
    'package manager settings',
    '.pypirc pydistutils.cfg distutils.cfg poetry.toml pdm.toml hatch.toml /auth.json .gemrc gemrc .composer/ .cpanm/ cpanmrc',
  ],
  [
    'code that the next command runs',
    'node_modules/ bower_components/ jspm_packages/ web_modules/ site-packages/ dist-packages/ __pypackages__/ {ios,macos}/pods/ /pods/ /carthage/',
  ],
  [
    'code that the next command runs',
    '*.egg-info/ *.dist-info/ .eggs/ elm-stuff/ .stack-work/ .dub/ .nimble/ .luarocks/ lua_modules/ .deps/',
  ],
  [
    'run by the package manager',
    'gemfile podfile brewfile cartfile* mintfile berksfile cheffile puppetfile policyfile.rb *.podspec *.podspec.json *.gemspec *.rockspec',
  ],
  [
    'run at install time',
    'setup.py ez_setup.py distribute_setup.py makefile.pl build.pl hatch_build.py pdm_build.py setup.hs setup.lhs install.rb extconf.rb deps/build.jl',
  ],
  // Builds.
  [
    'build commands',
    'makefile{,.*} gnumakefile{,.*} bsdmakefile makevars* *.mk *.mak *.make justfile .justfile *.just taskfile taskfile.<data> taskfile.*.<data> rakefile{,.*} *.rake',
  ],
  [
    'build commands',
    'gulpfile{,.*} gruntfile{,.*} jakefile{,.*} cakefile{,.*} thorfile *.thor capfile guardfile dangerfile* fastfile fastlane/ snakefile *.smk steepfile shakefile*',
  ],
  [
    'build commands',
    'vagrantfile tiltfile earthfile procfile* brunch-config.* fabfile.py tasks.py dodo.py pavement.py noxfile.py toxfile.py sconstruct sconscript wscript',
  ],
  [
    'build commands',
    'waf build{,.bazel,.buck,.pants} buck buck.* .buck{config,version}* targets workspace workspace.bazel workspace.bzlmod module.bazel .bazel* *.bzl *.bazel pants pants*.toml',
  ],
  [
    'build commands',
    'cmakelists.txt cmake{,user}presets.json *.cmake *.cmake.in ctest*.txt meson.build meson_options.txt meson.options *.gyp *.gypi configure configure.* *.m4',
  ],
  [
    'build commands',
    'autogen{,.sh} bootstrap{,.sh} config.{guess,sub,rpath} install-sh ltmain* depcomp missing compile *.ac *.am xmake.lua premake*.lua conanfile.* vcpkg*.json',
  ],
  [
    'build commands',
    'build.{zig,zig.zon,sc,mill,boot,xml} /build.{jl,rb,py,php,hs,lua,exs,yaml,yml} /{build,esbuild,make,bundle,release,publish}.<code> *.ninja *.cake *.nuke .nuke/',
  ],
  [
    'build commands',
    'cargo.toml go.mod go.work go.work.sum magefile*.go magefiles/ mix.exs rebar.config* rebar3 erlang.mk gleam.toml dune dune-{project,workspace} *.opam opam esy.json',
  ],
  [
    'build commands',
    'package.swift /{project,workspace}.swift /tuist/ dub.{json,sdl} *.nimble *.nims nim.cfg config.nims shard.yml v.mod fpm.toml alire.toml *.gpr',
  ],
  [
    'build commands',
    '*.gradle *.gradle.kts gradle.properties gradle/wrapper/ buildsrc/ build-logic/ local.properties pom.xml .mvn/ maven-wrapper.* ivy.xml *.sbt /project/*.{scala,properties,sbt}',
  ],
  [
    'build commands',
    '*.{cs,fs,vb,vcx,sql,wix,es,sh,py,njs,esproj}proj *.{proj,projitems,shproj,props,targets,tasks,msbuild,sln,slnf,slnx,rsp,runsettings,tt,t4,vcxproj,vcproj,csx,fsx}',
  ],
  [
    'build commands',
    'dotnet-tools.json launchsettings.json directory.build.* directory.solution.* *.pri *.pro *.qbs *.build.cs *.target.cs *.uproject *.uplugin project.godot *.gdextension',
  ],
  [
    'build commands',
    'project.clj deps.edn bb.edn shadow-cljs.edn build.boot boot.properties spago.{dhall,yaml} stack.yaml *.cabal cabal.project* hpack.yaml elm.json elm-package.json',
  ],
  [
    'build commands',
    'pubspec*.yaml melos.yaml {ba,re}script.json bsconfig.json typemap dist.ini alienfile weaver.ini *.psgi config.ru box.json robofile.php castor.php deploy.php',
  ],
  [
    'build commands',
    '/project.toml juliaproject.toml description namespace configure.win configure.ucrt cleanup cleanup.win *.nix flake.nix guix.scm channels.scm manifest.scm *.scons',
  ],
  [
    'build commands',
    'nob.c tup{file,rules}* tup.config *.do ninja.* *.bb *.bbappend *.bbclass pkgbuild *.ebuild *.spec /debian/ /rpm/ snapcraft.yaml /snap/ apkbuild',
  ],
  [
    'run at build time',
    'build.rs *.rs.in cbindgen.toml buf.<data> buf.*.<data> proto*.toml meta-inf/{services,maven,gradle-plugins}/ meta-inf/*.mf lombok.config xtask/',
  ],
  [
    'build program',
    'gradlew* mvnw* sbtw* sbtx millw lein lein.bat composer.phar phpunit artisan bazelisk* bazelw *wrapper.{jar,properties,sh,bat,cmd} gradle-wrapper.*',
  ],
  [
    'build settings that name programs',
    '.cargo/ cross.toml trunk.toml dioxus.toml tauri*.{json,json5,toml} makefile.toml deny.toml clippy.toml .clippy.toml .config/',
  ],
  // Tests, checks and what they load.
  [
    'run by the test runner',
    'conftest.py pytest.ini .pytest.ini tox.ini phpunit*.{xml,dist} *.xml.dist testng*.xml {jest,vitest,mocha,karma,test,bun}.setup.<code> setuptests.<code>',
  ],
  [
    'run by the test runner',
    'mocha.opts jasmine.json testem.<code> testem.json wallaby.<code> cucumber.<code> cucumber.<data> behat.<data> behave.ini codeception.<data> infection.<data> .rspec',
  ],
  [
    'run by the test runner',
    'locustfile.py cypress.json cypress/plugins/ cypress/support/ dart_test.yaml test_helper.exs *.runsettings pest.php vitest.workspace.<code> bunit.<data> karate-config*.js',
  ],
  [
    'build and tool commands',
    'pyproject.toml setup.cfg .flake8 .pylintrc pylintrc {.,}mypy.ini {.,}ruff.toml {.,}coveragerc celeryconfig.py alembic.ini uwsgi.ini gunicorn*.py *.conf.py',
  ],
  [
    'build and tool commands',
    'phpstan*.{neon,dist} *.neon psalm*.xml rector.php ecs.php .php-cs-fixer* .php_cs* phpcs*.xml phpcs*.dist deptrac* .rubocop* .reek* .standard.yml',
  ],
  [
    'build and tool commands',
    'angular.json .angular-cli.json workspace.json project.json nx.json lerna.json rush.json turbo.json wireit.json nodemon.json pm2.<data> ecosystem.*.<code>',
  ],
  [
    'build and tool commands',
    '/{webpack,rollup,esbuild,vite,vitest,snowpack,metro,babel,jest,karma}*.<code> {webpack,rollup,esbuild,vite}.{common,dev,prod,base,build,server,client,main}.<code> gatsby-*.<code> ember-cli-build.<code> knexfile.<code>',
  ],
  [
    'build and tool commands',
    'tsconfig*.json *.tsconfig.json jsconfig*.json deno.json deno.jsonc jsr.json typedoc.<data> jsdoc.<data> api-extractor.json codegen.<data> ormconfig.* newrelic.<code>',
  ],
  [
    'build and tool commands',
    'biome.<data> dprint.<data> rome.json tslint.json {.,}cspell.<data> {.,}oxlint*.json knip.<data> mkdocs*.{yml,yaml} _config*.{yml,yaml,toml} _quarto*.yml book.toml',
  ],
  [
    'build and tool commands',
    'conf.py _plugins/ antora*.yml hugo.<data> latexmkrc .latexmkrc *.mkproject analysis_options.yaml checkstyle*.xml pmd*.xml spotbugs*.xml detekt*.yml ktlint*.yml',
  ],
  [
    'build and tool commands',
    '{.,}readthedocs.<data> {.,}goreleaser*.<data> {.,}release-please*.json .release-please*.json .releaserc* {.,}release-it.<data> {.,}bumpversion.cfg .bumpversion.toml cliff.toml',
  ],
  [
    'build and tool commands',
    '.golangci* golangci* .air.toml air.toml .ko.yaml sqlc.<data> gqlgen.<data> atlas.hcl diesel.toml prisma.yml dbt_project.yml dvc.yaml mlproject',
  ],
  // What gets deployed or started.
  ['services that get started', '{docker-,podman-,}compose{,.*,-*}.{yml,yaml,json} supervisord*.conf /process.<data>'],
  [
    'image build commands',
    '{docker,container}file{,.*,-*} *.{docker,container}file docker-bake.* *.def singularity apptainer *.pkr.hcl packer*.json',
  ],
  [
    'what a deployment runs',
    '*.tf *.tf.json *.tfvars *.tfvars.json *.tofu *.hcl *.nomad *.bicep pulumi*.<data> serverless*.<data> serverless*.<code> samconfig.toml /template.{yaml,yml} cdk.json cdktf.json',
  ],
  [
    'what a deployment runs',
    'chart.yaml helmfile*.yaml kustomization.{yaml,yml} skaffold*.yaml garden.yml devspace.yaml okteto.yml werf.yaml argocd*.yaml jsonnetfile.json *.jsonnet *.libsonnet',
  ],
  [
    'what a deployment runs',
    'ansible.cfg playbook*.{yml,yaml} /site.{yml,yaml} roles/*/{tasks,handlers}/ hosts.ini inventory kitchen.yml .kitchen* knife.rb metadata.rb *.pp user-data cloud-init* cloud-config*',
  ],
  [
    'what a deployment runs',
    'vercel.json now.json netlify.toml fly*.toml render.yaml railway.<data> /app.{yaml,yml,json} heroku.yml wrangler.<data> firebase.json .firebaserc amplify.yml eas.json apprunner.yaml',
  ],
  [
    'what a deployment runs',
    'nginx*.conf httpd.conf .htaccess .ebextensions/ .platform/ .platform.* .upsun/ .do/ .aws/ .kube/ .docker/ .deploy* *.config procfile_* nixpacks.toml project.yml',
  ],
  [
    'what a workflow engine runs',
    'nextflow.config *.nf *.wdl *.cwl luigi.cfg airflow.cfg scrapy.cfg prefect.<data> dagster.<data> argo.yaml dapr.<data> temporal.<data>',
  ],
  [
    'build commands',
    'bazel.rc sconscript*.py jamfile{,.*} jamroot{,.*} *.jam android.{bp,mk} *.gn *.gni npins/ buck-out/ vars/*.groovy recipe/meta.yaml *.{iss,nsi,nsh,wxs}',
  ],
  [
    'build commands',
    'config.exs config/*.exs vm.args profiles.clj user.clj build.clj project.janet info.rkt {package,akku}.scm dune.{inc,module} setup.ml myocamlbuild.ml _oasis esy.lock/',
  ],
  [
    'build commands',
    'guardfile.* justfile.* dangerfile.* taskfile.<code> mask.md maskfile.md *.sc /project.scala sorbet/config versioneer.py config/deploy.rb {migrations,alembic}/env.py decorate.angular-cli.js',
  ],
  [
    'run when a template is filled in',
    'plopfile.<code> {.,}hygen.<code> _templates/ {pre,post}_gen_project.* copier.{yml,yaml} cookiecutter.json',
  ],
  [
    'run by the test runner',
    '{spec,rails,test}_helper.rb features/support/ {test,tests}/bootstrap.php setup-{jest,tests}.<code> jest{-,.}setup*.<code> {jest,vitest}.global*.<code>',
  ],
  [
    'build and tool commands',
    '/{nodemon,typedoc,jsdoc,postcss,tailwind,prettier,eslint,stylelint,commitlint,next-sitemap}.<code> eslint-local-rules{,.*} eslint-local-rules/ setupproxy.<code>',
  ],
  ['git hook scripts', 'simple-git-hooks.<code>'],
  ['run when an editor opens the folder', '/{init,project}.{vim,el} /early-init.el /config.el'],
  ['run at build time', 'meta-inf/spring.* meta-inf/spring/'],
];
