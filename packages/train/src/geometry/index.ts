// What margins do to angles, to look at: losses or runs in, a page and its pictures out. Angles are radians as far as
// the page, which says degrees.
export { type MeasureOptions, measureAngles, type RunAngles } from './angles/measure.js'
export { anglesPage } from './angles/page.js'
export { type BinaryBoundary, binaryBoundaries } from './boundaries/boundaries.js'
export { boundariesPage } from './boundaries/page.js'
export { paperAngles, type TargetCurve, targetCurves } from './curves/curves.js'
export { curvesPage } from './curves/page.js'
export { type NamedLoss, parseLoss } from './named-loss.js'
export { type GeometryPage, type Picture, writeGeometry } from './output.js'
export { toyPage } from './toy/page.js'
export { directionsAt, firstRows, type ToyDirections } from './toy/rows.js'
export { runToy, type ToyPlan, type ToyRun, toyPlan } from './toy/run.js'
