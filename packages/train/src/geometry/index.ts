export { paperAngles, type TargetCurve, targetCurves } from './curves/curves.js'
export { curvesPage } from './curves/page.js'
export { type NamedLoss, parseLoss } from './named-loss.js'
export { type GeometryPage, type Picture, writeGeometry } from './output.js'
