import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']

/** Where Ubuntu's snap is not installed, its `chromium-browser` is a script that says so: what tells its version runs. */
const runs = (file: string) => spawnSync(file, ['--version']).status === 0

function findChromium(): string | undefined {
  const { CHROMIUM, PATH = '' } = process.env
  if (CHROMIUM) return CHROMIUM
  return NAMES.flatMap((name) => PATH.split(delimiter).map((folder) => join(folder, name))).find(
    (file) => existsSync(file) && runs(file),
  )
}

/**
 * The browser of this computer: the file of the environment's `CHROMIUM`, or the first Chromium or Chrome in PATH. Tests of
 * a page are skipped where there is none: `describe.skipIf(!chromium)('..., in Chromium', ...)`.
 */
export const chromium: string | undefined = findChromium()
