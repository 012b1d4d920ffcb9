import { chromium, openChromium } from '@arcface/testing/chromium'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openPage } from '../testing/page.js'
import { type Studio, startStudio } from '../testing/studio.js'

describe.skipIf(!chromium)('keys, in Chromium', () => {
  let browser: Browser
  let studio: Studio
  beforeAll(async () => {
    browser = await openChromium()
    studio = await startStudio()
  })
  afterAll(async () => {
    await browser?.close()
    await studio?.close()
  })
  const asks = (secret: string) =>
    fetch(`${studio.url}/v1/galleries`, { headers: { 'x-api-key': secret } })

  it('are made by a person, told once, used, revoked, and closed to who has none', async () => {
    const { page, troubles } = await openPage(browser, studio, '/keys')
    await page.getByText('There are no keys').waitFor()

    // The first one: from now on the server asks for one, and this page has it.
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByText('This is the first key').waitFor()
    await page.getByRole('button', { name: 'Make the key' }).click()
    await page.getByText('A key needs a name').waitFor()
    await page.getByLabel('Name').fill('Keeper')
    await page.getByRole('button', { name: 'Make the key' }).click()
    const secretOf = async () => (await page.locator('.dialog code').textContent())!
    await page.getByText('The key, this once').waitFor()
    const first = await secretOf()
    expect((await fetch(`${studio.url}/v1/galleries`)).status).toBe(401)
    expect((await asks(first)).status).toBe(200)
    await page.getByRole('button', { name: 'I have stored it' }).click()
    const row = (name: string) => page.getByRole('row').filter({ hasText: name })
    await row('Keeper').getByText('yours').waitFor()
    expect(await page.content()).not.toContain(first)

    // One for a gallery, by a name that reads from right to left.
    const name = `שער ${'א'.repeat(190)}`
    await page.getByRole('button', { name: 'New key' }).click()
    await page.getByLabel('Name').fill(name)
    await page.getByRole('checkbox', { name: /^Read/ }).check()
    await page.getByRole('checkbox', { name: /^All galleries/ }).uncheck()
    await page.getByLabel('Only these').fill('staff, guests')
    await page.getByLabel('Expires').selectOption('90')
    await page.getByRole('button', { name: 'Make the key' }).click()
    const second = await secretOf()
    await page.keyboard.press('Escape')
    await row(name).getByText('staff, guests').waitFor()
    expect((await asks(second)).status).toBe(200)

    await page.getByRole('button', { name: `Revoke ${name}` }).click()
    await page.getByText('is refused from now on').waitFor()
    expect((await asks(second)).status).toBe(200)
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
    await row(name).getByText('revoked').waitFor()
    expect((await asks(second)).status).toBe(401)
    expect(troubles).toEqual([])

    // Its own: whoever has it is out, here and elsewhere.
    await page.getByRole('button', { name: 'Revoke Keeper' }).click()
    await page.getByText('you will be signed out').waitFor()
    await page.getByText('It is the last key').waitFor()
    await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke' }).click()
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    await page.getByLabel('Key').fill(first)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('was revoked').waitFor()
  })

  it('ask for another one where one is revoked while its page is open', async () => {
    const keyed = await startStudio({ keys: true })
    try {
      const { data } = await keyed.client.POST('/v1/keys', {
        body: { name: 'Guest', scopes: ['read', 'identify', 'enroll', 'delete', 'admin'] },
      })
      const { page } = await openPage(browser, { url: keyed.url, key: data!.secret }, '/tasks')
      await keyed.client.DELETE('/v1/keys/{key}', { params: { path: { key: data!.key.id } } })
      await page.getByLabel('Key').waitFor()
      await page.getByLabel('Key').fill('密钥')
      await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
      await page.getByText('this key is not taken').waitFor()
      await page.getByLabel('Key').fill(keyed.key!)
      await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Tasks' }).waitFor()
      expect(new URL(page.url()).pathname).toBe('/tasks')
    } finally {
      await keyed.close()
    }
  })
})

describe.skipIf(!chromium)('a session, in Chromium', () => {
  it('begins with a key, lasts while pages are loaded, and ends', async () => {
    const browser = await openChromium()
    const studio = await startStudio({ keys: true })
    try {
      const { page } = await openPage(browser, { url: studio.url, key: undefined }, '/keys')
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await page.getByLabel('Key').fill('11111111-1111-4111-8111-111111111111')
      await page.keyboard.press('Enter')
      await page.getByText('this key is not taken').waitFor()
      await page.getByLabel('Key').fill(studio.key!)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Keys' }).waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'Keys' }).waitFor()
      // No script has it, and no storage.
      const kept = await page.evaluate('[document.cookie, JSON.stringify(localStorage)].join()')
      expect(kept).not.toContain(studio.key!.slice(9))
      expect(await page.evaluate('document.cookie')).toBe('')
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
      await page.reload()
      await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    } finally {
      await browser.close()
      await studio.close()
    }
  })
})
