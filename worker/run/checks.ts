/** Which commands of a run are checks whose outcome a reviewer wants to see. */

const runner =
  /\b(npm|pnpm|yarn|bun|deno|npx|make|just|cargo|go|mvn|gradlew?|dotnet|swift|mix|rake|bundle|tox|nox|uv|poetry|composer|bazel)\b/;
const task = /(^|[\s:/-])(test|tests|check|lint|build|compile|typecheck|type-check|verify|vet|clippy|fmt|format)([\s:.-]|$)/;
const tools =
  /(^|[\s/;&|])(pytest|jest|vitest|mocha|ava|tsc|eslint|prettier|ruff|flake8|mypy|pylint|black|rspec|phpunit|ctest|golangci-lint|shellcheck|cypress|playwright)(\s|$)/;

/** True for commands that look like tests, linters, type checks or builds. */
export function looksLikeCheck(command: string): boolean {
  const text = command.replaceAll(/["']/g, ' ');
  return tools.test(text) || (runner.test(text) && task.test(text)) || /\bnode\b.*--test\b/.test(text);
}
