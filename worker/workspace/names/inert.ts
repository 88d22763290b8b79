/** Hidden files and configuration that no tool executes, each with the reason. What is not listed is shown apart. */
import type { NameRule } from './pattern.ts';

export const inert: readonly NameRule[] = [
  ['whitespace and encoding', '.editorconfig'],
  ['patterns of files to leave out; what they bring to light is looked at', '.*ignore'],
  ['holds a folder', '.gitkeep .keep .gitempty .empty .placeholder .nomedia'],
  ['an empty mark for a web host', '.nojekyll'],
  ['how a window showed a folder', '.ds_store'],
  [
    'a sample that no tool reads',
    '.env.{example,sample,template,dist,tmpl,defaults.example} .env.*.{example,sample,template} *.env.example example.env sample.env',
  ],
  [
    'the layout of code',
    '{.,_}clang-format {.,}rustfmt.toml .style.yapf .swift-format .swiftformat .ocamlformat .cmake-format {.,}stylua.toml .jsbeautifyrc .formatter-rules',
  ],
  [
    'rules of a checker without plug-ins',
    '.jshintrc .csslintrc .htmlhintrc .markdownlint.{json,jsonc,yml,yaml} .yamllint .yamllint.{yml,yaml} .hadolint.{yml,yaml} .shellcheckrc',
  ],
  [
    'words that are spelled right',
    '.codespellrc {.,_}typos.toml typos.toml .spelling .spellcheck.txt .wordlist* .aspell* .dictionary* .cspell/*.txt',
  ],
  ['code of a program that is named like a configuration', 'src/app/app.config{,.server}.ts'],
  ['people and papers', '.all-contributorsrc .zenodo.json codemeta.json .authors .contributors .git-blame-ignore-revs'],
  [
    'forms and words of a forge',
    '.{github,gitea,forgejo,gitlab}/{issue_template,issue_templates,pull_request_template,merge_request_templates,discussion_template}/',
  ],
  ['forms and words of a forge', '.github/{funding,stale-words}.{yml,yaml} .{github,gitea,forgejo,gitlab}/*.md'],
  [
    'pictures and words',
    '.{github,gitea,forgejo,gitlab}/{assets,images,img,media,screenshots,docs}/*.{png,jpg,jpeg,gif,webp,svg,md,mp4,webm}',
  ],
  ['notes on a change', '.changeset/*.md .changes/*.md .changes/*/*.md .changelog/*.{md,txt} .news/* .release-notes/*.md .unreleased/*.md'],
  ['words of an extension in other languages', 'package.nls.json package.nls.*.json'],
  ['files that a web server hands out', '.well-known/*'],
  [
    'data and descriptions of interfaces',
    '{data,db,schema,openapi,swagger,asyncapi,manifest,messages,translations,strings,locale,locales,i18n,fixtures,seed,words,glossary}.<data>',
  ],
  [
    'data and descriptions of interfaces',
    '*.{schema,openapi,swagger,asyncapi,geo,fixture,sample,example,data,messages}.<data> {example,sample}*.<data> {openapi,swagger}*.<data>',
  ],
  [
    'data and descriptions of interfaces',
    '{authors,contributors,team,changelog,history,news,sponsors,backers,users,languages,countries,emoji,icons,colors,tokens,versions,benchmark,benchmarks,results,report,coverage-summary}.<data>',
  ],
  ['pages of a web site', '{sitemap,feed,rss,atom,browserconfig,crossdomain,opensearch,appcast}*.xml'],
  [
    'a paper of a project',
    '{license,licence,unlicense,copying,copyright,notice,patents,authors,contributors,maintainers,readme,changelog,changes,history,news,todo,thanks}',
  ],
  [
    'a paper of a project',
    '{credits,install,installing,version,cname,faq,upgrading,upgrade,hacking,contributing,security,support,roadmap,about,release,release_notes,releases}',
  ],
  [
    'a paper of a project',
    '{acknowledgements,acknowledgments,bugs,revision,code_of_conduct,governance,citation,abstract,announce,manifest,warranty,disclaimer,index,contents}',
  ],
  ['a paper of a project', '{license,licence,copying,notice,readme,changelog}{-,_}*'],
];
