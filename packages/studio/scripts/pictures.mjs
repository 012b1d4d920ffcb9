// Pictures of every page of the studio, to be looked at: light, dark, in Chinese, and 390 pixels wide.
//   npm run build && npm run pictures -w @arcface/studio [-- people training]
// They lie in packages/studio/build/pictures, which is not committed. With the data folder beside the checkout they show
// faces, without it noise.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { hasShared } from '@arcface/testing'
import { openChromium } from '@arcface/testing/chromium'
import { runnerImport } from 'vite'

const root = join(import.meta.dirname, '..')
const load = async (name) =>
  (await runnerImport(join(root, 'src/testing', name), { root, configFile: false })).module
const { startFurnished } = await load('furnished.ts')
const { openPage, settled } = await load('page.ts')

const LOOKS = {
  light: {},
  dark: { theme: 'dark' },
  chinese: { language: 'zh' },
  narrow: { width: 390, height: 844 },
  'narrow-dark-chinese': { width: 390, height: 844, theme: 'dark', language: 'zh' },
}
const wanted = process.argv.slice(2)
const folder = join(root, 'build/pictures')
mkdirSync(folder, { recursive: true })

const browser = await openChromium()
const studio = await startFurnished({ models: hasShared ? 'shared' : 'drawn' })
try {
  const isWanted = ({ name }) => wanted.length === 0 || wanted.some((one) => name.startsWith(one))
  for (const { name, path, isClosed } of studio.views.filter(isWanted))
    for (const [look, options] of Object.entries(LOOKS)) {
      const who = { url: studio.url, key: isClosed ? undefined : studio.key }
      const { page, troubles } = await openPage(browser, who, path, options)
      await settled(page)
      await page.screenshot({ path: join(folder, `${name}.${look}.png`), fullPage: true })
      for (const trouble of troubles) console.error(`${name}, ${look}: ${trouble}`)
      await page.context().close()
    }
  console.log(folder)
} finally {
  await browser.close()
  await studio.close()
}
