// Real pages for tests of several rooms: a page is built by Vite as a user's project is, served with the headers that it is
// to have, and opened in the Chromium of this computer. Where there is none, tests are skipped by name.
export { buildPage } from './build.js'
export { chromium } from './executable.js'
export { openChromium, openProfile, troublesOf } from './open.js'
export { type Site, type SiteFiles, type SiteOptions, serveSite } from './site.js'
