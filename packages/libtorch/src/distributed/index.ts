// Processes that compute together over PyTorch's c10d: the environment that a launcher sets in, a group that averages
// gradients out.
export { type Launch, ownGpu, readLaunch } from './environment.js'
export {
  type Backend,
  backends,
  type GroupOptions,
  initProcessGroup,
  type ProcessGroup,
} from './group.js'
export { GradientReducer } from './reducer.js'
