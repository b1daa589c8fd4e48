/** Re-exports for sibling packages; no semver promise. */
export function leave(): void {}
