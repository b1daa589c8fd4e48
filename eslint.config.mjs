/**
 * What the compiler does not check. Layers, cycles and forbidden imports are .dependency-cruiser.mjs's; layout is prettier's.
 */
import comments from '@eslint-community/eslint-plugin-eslint-comments/configs';
import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import jest from 'eslint-plugin-jest';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { homes } from './scripts/layers.mjs';

const SOURCES = ['packages/*/src/**/*.ts'];
const TYPESCRIPT = ['**/*.ts', '**/*.mts', '**/*.cts'];
const PROGRAMS = [
  'examples/*/src/**/*.ts',
  'benchmarks/src/**/*.ts',
  'packages/trials/src/**/*.ts',
  'packages/model/src/**/*.ts',
];
const TESTS = ['**/test/**'];

/** What is unused on purpose starts with an underscore. */
const UNUSED = { argsIgnorePattern: '^_', varsIgnorePattern: '^_', destructuredArrayIgnorePattern: '^_', caughtErrors: 'all' };

const inHome = (home) => home.map((path) => (path.endsWith('/') ? `${path}**` : path));

export default tseslint.config(
  { ignores: ['**/dist/**', '**/coverage/**', 'reports/**', '.turbo/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },

  js.configs.recommended,
  comments.recommended,
  {
    rules: {
      eqeqeq: 'error',
      'no-restricted-globals': ['error', { name: 'name', message: 'This is window.name.' }],
      'prefer-const': 'error',
      'no-unused-vars': ['error', UNUSED],
      // A suppression says why on the same line: `// eslint-disable-next-line rule -- reason`.
      '@eslint-community/eslint-comments/require-description': 'error',
      '@eslint-community/eslint-comments/disable-enable-pair': ['error', { allowWholeFile: true }],
    },
  },

  // TypeScript, with type information.
  {
    files: TYPESCRIPT,
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': 'allow-with-description', minimumDescriptionLength: 8 },
      ],
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'inline-type-imports', disallowTypeAnnotations: false },
      ],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      'no-unused-vars': 'off',
      '@typescript-eslint/no-unused-vars': ['error', UNUSED],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      // An async function without await still turns what it throws into a rejection.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true, allowNever: true }],
      // An abort reason is whatever the user gave, and is passed on as it is. A codec's refusal becomes an error on its way out.
      '@typescript-eslint/only-throw-error': [
        'error',
        { allowThrowingAny: true, allowThrowingUnknown: true, allow: [{ from: 'file', name: 'Refusal' }] },
      ],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingAny: true, allowThrowingUnknown: true }],
    },
  },

  // The published packages.
  {
    files: SOURCES,
    ignores: PROGRAMS,
    rules: {
      'no-console': 'error',
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true, namespaceFrom: true } },
      ],
    },
  },
  {
    files: SOURCES,
    ignores: inHome(homes.atomics),
    rules: {
      'no-restricted-globals': [
        'error',
        { name: 'Atomics', message: `Shared words are reached through ${homes.atomics[0]} only: the model checker replaces it.` },
      ],
    },
  },
  {
    files: SOURCES,
    ignores: inHome(homes.sharedMemory),
    rules: {
      'no-restricted-syntax': [
        'error',
        { selector: 'NewExpression[callee.name="SharedArrayBuffer"]', message: 'Shared memory is made in memory/ only.' },
      ],
    },
  },

  // The model checker loads the build only after it has put its patches in place.
  {
    files: ['packages/model/src/**'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },

  // These files keep methods of built-in prototypes as they found them, so as not to be affected by what is patched later.
  {
    files: ['packages/core/src/platform/**', 'packages/core/src/codec/**'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },

  // Programs and tests.
  {
    files: [...PROGRAMS, ...TESTS],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    // What comes out of a child process or a hostile value has no type worth declaring.
    files: ['**/test/**/*.ts', 'packages/trials/src/fuzz/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/only-throw-error': 'off',
    },
  },
  {
    files: ['**/*.test.ts', '**/test/contract/**/*.ts', 'test/*.ts'],
    extends: [jest.configs['flat/recommended']],
    rules: {
      // Assertions live in helpers and in the contract's chapters as well; they are still run by the tests.
      'jest/expect-expect': 'off',
      'jest/no-standalone-expect': 'off',
      'jest/no-conditional-expect': 'off',
      'jest/valid-describe-callback': 'off',
      'jest/no-export': 'off',
      'jest/valid-title': 'off',
      'jest/require-top-level-describe': 'off',
    },
  },

  // Scripts, tool configuration and the programs that tests start: plain JavaScript, without types.
  {
    files: ['**/*.js', '**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { sourceType: 'commonjs' },
  },
  {
    files: ['**/fixtures/jest-*'],
    languageOptions: { globals: globals.jest },
  },

  prettier,
);
