// Networks by name: aligned faces, float32 [N, 3, 112, 112] in -1..1, in; embeddings [N, D], not normalised, out.
// Children are called as in the PyTorch originals, so that weights move both ways.
export { IResNet, type IResNetOptions } from './iresnet.js'
export { MobileFaceNet, type MobileFaceNetOptions } from './mobilefacenet.js'
export { type BackboneOptions, createBackbone, listBackbones } from './registry.js'
