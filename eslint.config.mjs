import js from '@eslint/js';
import ts from 'typescript-eslint';

/** What each room may import, by the arrows of docs/architecture.md. `protocol` is open to all, `prompt` to all but it. */
const arrows = {
  protocol: [],
  prompt: [],
  platform: [],
  client: [],
  worker: [],
  extension: ['client', 'worker'],
  cli: ['client', 'worker'],
  webview: [],
};
const rooms = Object.keys(arrows);
/** Single files of a closed room that another may import. */
const openFiles = { worker: ['client/transport.ts'] };

const arrowRule = (room) => {
  const closed = rooms.filter((other) => other !== room && !['protocol', 'prompt'].includes(other) && !arrows[room].includes(other));
  if (room !== 'protocol' && closed.length === 0) return [];
  const folders = room === 'protocol' ? rooms.filter((other) => other !== room) : closed;
  const open = (openFiles[room] ?? []).map((file) => `(?!${file.replaceAll('.', '\\.')}$)`).join('');
  return {
    patterns: [
      {
        regex: `^(\\.\\./)+${open}(${[...folders, 'test', 'scripts'].join('|')})/`,
        message: `${room}/ must not import from there: see the arrows in docs/architecture.md.`,
      },
      ...(room === 'extension' ? [] : [{ regex: '^vscode$', message: "Only extension/ may import 'vscode'." }]),
    ],
  };
};

/** Rules and simulation take time and chance as parameters. */
const pure = (files) => ({
  files,
  rules: {
    'no-restricted-globals': ['error', 'setTimeout', 'setInterval', 'setImmediate', 'fetch', 'process'],
    'no-restricted-properties': [
      'error',
      { object: 'Date', property: 'now' },
      { object: 'Math', property: 'random' },
      { object: 'performance', property: 'now' },
    ],
    'no-restricted-syntax': [
      'error',
      { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'Time is a parameter here.' },
    ],
  },
});

export default ts.config(
  { ignores: ['dist/', '.cache/', 'test-results/', '**/node_modules/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  ...ts.configs.stylistic,
  {
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-empty-object-type': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', caughtErrors: 'none' }],
      'no-control-regex': 'off',
    },
  },
  ...rooms.map((room) => ({ files: [`${room}/**/*.ts`], rules: { 'no-restricted-imports': ['error', arrowRule(room)] } })),
  pure(['protocol/**/*.ts', 'prompt/**/*.ts', 'platform/domain/**/*.ts', 'worker/policy/**/*.ts']),
  {
    files: ['test/**', 'scripts/**', 'cli/**', '*.mjs'],
    rules: { 'no-console': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly', module: 'writable', require: 'readonly' } },
  },
);
