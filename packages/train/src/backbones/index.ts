export { IResNet, type IResNetOptions } from './iresnet.js'
export { MobileFaceNet, type MobileFaceNetOptions } from './mobilefacenet.js'
export { type BackboneOptions, createBackbone, listBackbones } from './registry.js'
