/** Takes as many ms as the job says, on a timer. */
export default async function (job) {
  if (job === 'exit') process.exit(1);
  await new Promise((resolve) => setTimeout(resolve, job));
  return job;
}
