// Loaded into the demo's workers with `--import`: a worker does not outlive its demo, even one that was SIGKILLed.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel.unref();
}
