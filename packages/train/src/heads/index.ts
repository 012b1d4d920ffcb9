export { ArcFace, type ArcFaceOptions, type MarginGradient } from './arcface.js'
export { Head } from './head.js'
export { createHead, type HeadOptions, listHeads } from './registry.js'
export { Softmax } from './softmax.js'
