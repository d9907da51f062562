/** All workflows that use this package's, for one bundle. */
export { abandonViaNexus, callViaNexus } from './nexus-caller.js';
export { monitorAsChildren } from './parent.js';
export {
  ask,
  askAcrossRuns,
  askForAll,
  askTwice,
  deafMonitor,
  monitorOutboundCall,
  oneOfTwoLeaves,
} from './subscribers.js';
