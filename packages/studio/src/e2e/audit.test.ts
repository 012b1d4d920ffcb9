import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../testing/page.js'
import { type Studio, startStudio } from '../testing/studio.js'

describe.skipIf(!chromium)('the audit log, in Chromium', () => {
  let browser: Browser
  let studio: Studio
  const people = ['Ada', 'علي', 'x'.repeat(500)]
  beforeAll(async () => {
    browser = await openChromium()
    studio = await startStudio({ keys: true })
    await studio.client.POST('/v1/galleries', { body: { name: 'staff' } })
    const path = { gallery: 'staff' }
    for (const name of people)
      await studio.client.POST('/v1/galleries/{gallery}/people', {
        ...{ params: { path }, body: { name } },
      })
    for (let i = 0; i < 130; i++) await studio.client.GET('/v1/galleries')
  })
  afterAll(async () => {
    await browser?.close()
    await studio?.close()
  })

  it('shows who asked what, by person, older ones on demand, and the line itself', async () => {
    const { page, troubles } = await openPage(browser, studio, '/audit')
    const rows = page.locator('tbody tr[aria-rowindex]')
    await rows.first().waitFor()
    expect(await rows.count()).toBe(100)
    await page.getByRole('button', { name: 'Look at older lines' }).click()
    await page.getByRole('row').filter({ hasText: 'علي' }).waitFor()

    await page.getByLabel('Person').fill('علي')
    await page.keyboard.press('Enter')
    await expect.poll(() => rows.count()).toBe(1)
    expect(new URL(page.url()).searchParams.get('person')).toBe('علي')
    await page.getByRole('button', { name: /^Details/ }).click()
    const line = JSON.parse((await page.locator('.audit-fields').textContent())!)
    expect(line).toMatchObject({
      ...{ operation: 'POST /v1/galleries/:gallery/people', people: ['علي'] },
      ...{ key: { id: studio.key!.slice(0, 8) }, status: 201 },
    })
    await page.keyboard.press('Escape')
    // The address has what is shown.
    await page.reload()
    await expect.poll(() => rows.count()).toBe(1)
    expect(await page.getByLabel('Person').inputValue()).toBe('علي')
    await page.getByLabel('Person').fill('Nobody')
    await page.keyboard.press('Enter')
    await page.getByText('Nothing of this kind').waitFor()
    await page.getByRole('button', { name: 'Show all' }).click()
    await expect.poll(() => rows.count()).toBe(100)
    expect(troubles).toEqual([])
  })

  it('says whether it is as it was written', async () => {
    const { page } = await openPage(browser, studio, '/audit')
    const check = () => page.getByRole('button', { name: 'Check', exact: true }).click()
    await page.getByRole('button', { name: 'Check the log' }).click()
    await check()
    await page.getByText('The log is as it was written.').waitFor()
    const head = (await page.locator('.audit-hash').textContent())!
    await page.getByLabel('Hashes').fill('1f9d')
    await page.getByText('A hash has 64 digits').waitFor()
    await page.getByLabel('Hashes').fill(head)
    await check()
    await page.getByText('The log is as it was written.').waitFor()

    const folder = join(studio.data, 'audit')
    const file = join(folder, readdirSync(folder).find((name) => name.endsWith('.jsonl'))!)
    writeFileSync(file, readFileSync(file, 'utf8').replace('"people":["Ada"]', '"people":["Eve"]'))
    await check()
    await page.getByText('The log is not as it was written.').waitFor()
    await page.getByText(/line \d+: the line was changed/).waitFor()
  })
})
