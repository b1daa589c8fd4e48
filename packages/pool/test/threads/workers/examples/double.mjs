/** The worker file of the examples in the doc comments. */
export default (n) => 2 * n;
