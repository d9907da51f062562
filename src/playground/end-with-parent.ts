// Loaded into the demo's workers with `--import`: ends the worker when the demo has ended, even by SIGKILL.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
