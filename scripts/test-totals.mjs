// Prints what was skipped, by name, and the totals of a vitest JSON report. Fails if nothing ran.
import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const [, , file] = process.argv
let report
try {
  report = JSON.parse(readFileSync(file, 'utf8'))
} catch (error) {
  console.error(`error: vitest left no report (${error.message})`)
  process.exit(1)
}

const skipped = report.testResults.flatMap(({ name, assertionResults }) =>
  assertionResults
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map(({ fullName }) => `  ${relative('.', name)}: ${fullName}`),
)
if (skipped.length > 0) console.log(['Skipped:', ...skipped, ''].join('\n'))

// A file that does not load has no tests to count, but it is a failure.
const brokenFiles = report.testResults.filter(
  ({ status, assertionResults }) =>
    status === 'failed' && assertionResults.every((test) => test.status !== 'failed'),
).length
const failed = report.numFailedTests + brokenFiles
console.log(`${report.numPassedTests} passed, ${failed} failed, ${skipped.length} skipped`)
process.exit(failed === 0 && report.numPassedTests > 0 ? 0 : 1)
