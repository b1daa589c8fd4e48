/** Ends its thread in the middle of its function. */
export default function quitter(): void {
  process.exit(3);
}
