// Charts and reports: figures in, SVG or a self-contained HTML page out, both as strings. No
// browser and no canvas is needed, and the pages hold no script.

export {
  type Axis,
  chartColors,
  type HistogramSpec,
  histogramChart,
  type LineChartSpec,
  lineChart,
  type Series,
} from './charts.js'
export { escapeHtml, htmlPage, htmlTable, type Section } from './page.js'
export {
  type NamedResult,
  type VerificationReportMeta,
  verificationReport,
  verificationSections,
} from './verification.js'
