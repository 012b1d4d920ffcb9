export { type Launch, ownGpu, readLaunch } from './environment.js'
export {
  type Backend,
  backends,
  type GroupOptions,
  initProcessGroup,
  type ProcessGroup,
} from './group.js'
export { GradientReducer } from './reducer.js'
