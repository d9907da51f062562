/** This package's own worker process, as `npm start` runs it; it shuts down when the benchmark is gone. */
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
await import('../../dist/worker.js');
