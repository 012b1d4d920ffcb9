// Pieces of networks, after PyTorch's `nn`: parameters, buffers and children by its names. A module owns its tensors.
export { BatchNorm1d, BatchNorm2d, type Following } from './batchnorm.js'
export { Conv2d, type Conv2dOptions } from './conv.js'
export * as init from './init.js'
export { type Activation, Dropout, Flatten, LeakyReLU, PReLU, Sequential } from './layers.js'
export { Linear } from './linear.js'
export { type LoadReport, Module, type StateDict } from './module.js'
