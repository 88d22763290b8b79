import js from '@eslint/js';
import ts from 'typescript-eslint';
import { rooms, workerFloors } from './scripts/house.mjs';

const closedTo = (room, folders) => ({
  regex: `^(\\.\\./)+(${folders.join('|')})/`,
  message: `${room}/ must not import from there: see the arrows in docs/architecture.md and scripts/house.mjs.`,
});
const importRule = (...patterns) => ['error', { patterns }];
const pureRooms = ['protocol', 'prompt'];
const editorOnly = { regex: '^vscode$', message: "Only extension/ may import 'vscode'." };

/** What only decides asks nothing of the system, in a file of its own or a package's. */
const nothingOfTheSystem = {
  regex: '^(?!zod$|\\.)',
  message: 'This folder is pure: it imports zod, the contract and itself. What only the machine can tell is a parameter.',
};

const roomRule = (room) => {
  const closed = Object.keys(rooms).filter((other) => other !== room && !rooms[room].includes(other));
  return [
    closedTo(room, [...closed, 'test', 'scripts']),
    ...(room === 'extension' ? [] : [editorOnly]),
    ...(pureRooms.includes(room) ? [nothingOfTheSystem] : []),
  ];
};

/** A folder of the worker keeps to the room's rule and imports no floor above its own. */
const floorRules = workerFloors.flatMap((floor, at) => {
  const above = workerFloors.slice(at + 1).flat();
  const own = above.length === 0 ? [] : [closedTo('worker', above)];
  const pureToo = floor.includes('policy') ? [closedTo('worker/policy', ['base']), nothingOfTheSystem] : [];
  return floor.map((folder) => ({
    files: [`worker/${folder}/**/*.ts`],
    rules: { 'no-restricted-imports': importRule(...roomRule('worker'), ...own, ...pureToo) },
  }));
});

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
      { selector: 'ImportExpression', message: 'What is read later is no import that the rules of this folder see.' },
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
  ...Object.keys(rooms).map((room) => ({ files: [`${room}/**/*.ts`], rules: { 'no-restricted-imports': importRule(...roomRule(room)) } })),
  ...floorRules,
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
