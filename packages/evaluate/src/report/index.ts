// Charts and reports: figures in, SVG or a self-contained HTML page out. No browser and no canvas is needed, and the
// pages hold no script. What stands in a page is `Html`, which only `html` makes: text put into it is escaped.

export { type WorstPair, worstPairs } from '../verification/worst.js'
export { inBrackets, shortName } from '../words.js'
export {
  type BandPoint,
  type HistogramSpec,
  histogramChart,
  type LineChartSpec,
  lineChart,
  type Series,
} from './charts.js'
export { csvLine, csvText } from './csv.js'
export {
  curvesCsv,
  figureRows,
  figuresCsv,
  type NamedPairs,
  scoresCsv,
  verificationJson,
} from './export.js'
export { type Axis, chartColors } from './frame.js'
export { groupsJson, groupsReport } from './groups.js'
export { groupsCsv } from './groups-csv.js'
export { type Content, type Html, html, lines } from './html.js'
export {
  identificationFigures,
  identificationJson,
  identificationReport,
} from './identification.js'
export type { Mark } from './marks.js'
export { membershipCsv, membershipJson, membershipReport } from './membership.js'
export { type PadCase, type PadReportMeta, padJson, padReport } from './pad.js'
export { padCsv, padCurvesCsv, padScoresCsv } from './pad-csv.js'
export { htmlPage, htmlTable, type Section } from './page.js'
export { type PublishedSet, publishedAccuracy, publishedSet } from './published.js'
export { qualityCsv, qualityJson, qualityReport } from './quality.js'
export { type Figure, figuresOf, type NamedResult, type ScoredPairs } from './scored.js'
export { type AngleStatistics, pairAngles } from './scores.js'
export {
  type ReportMeta,
  type VerificationReportMeta,
  verificationReport,
  verificationSections,
} from './verification.js'
export type { Picture, PicturedPair, PicturedPairs } from './worst.js'
