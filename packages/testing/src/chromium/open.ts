import {
  type Browser,
  type BrowserContext,
  type LaunchOptions,
  type Page,
  chromium as playwright,
} from 'playwright-core'
import { chromium } from './executable.js'

/** How long a test waits for something on a page, in milliseconds: beside other work a page with networks takes its time. */
const PATIENCE = 100_000

/** `options` are Playwright's. Close what you open: a browser that is left keeps the test from ending. */
export async function openChromium(options: LaunchOptions = {}): Promise<Browser> {
  const browser = await playwright.launch(completed(options))
  return browser.on('context', (context) => context.setDefaultTimeout(PATIENCE))
}

/** A browser whose pages keep what they store in `folder`, from one opening to the next. */
export async function openProfile(
  folder: string,
  options: LaunchOptions = {},
): Promise<BrowserContext> {
  const context = await playwright.launchPersistentContext(folder, completed(options))
  context.setDefaultTimeout(PATIENCE)
  return context
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
