import {
  type Browser,
  type BrowserContext,
  type LaunchOptions,
  type Page,
  chromium as playwright,
} from 'playwright-core'
import { chromium } from './executable.js'

/** `options` are Playwright's. Close what you open: a browser that is left keeps the test from ending. */
export function openChromium(options: LaunchOptions = {}): Promise<Browser> {
  return playwright.launch(completed(options))
}

/** A browser whose pages keep what they store in `folder`, from one opening to the next. */
export function openProfile(folder: string, options: LaunchOptions = {}): Promise<BrowserContext> {
  return playwright.launchPersistentContext(folder, completed(options))
}

function completed(options: LaunchOptions): LaunchOptions {
  if (chromium === undefined) throw new Error('no Chromium in PATH, and none named by CHROMIUM')
  // Chromium refuses its sandbox to root.
  return { executablePath: chromium, chromiumSandbox: process.getuid?.() !== 0, ...options }
}

/**
 * What goes wrong in a page from now on, its workers included: errors that nobody catches, and what the browser writes as an
 * error (a request that fails, a violation of the Content-Security-Policy). The list grows.
 */
export function troublesOf(page: Page): readonly string[] {
  const troubles: string[] = []
  page.on('pageerror', (error) => troubles.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') troubles.push(message.text())
  })
  page.on('crash', () => troubles.push('the page crashed'))
  return troubles
}
