import { App } from './app.js'
import { comparePage } from './compare.js'
import { $ } from './dom.js'
import { install } from './install.js'
import { modelPage } from './model.js'
import { peoplePage } from './people.js'
import { whoPage } from './who.js'

/** The section that the address names, the first where it names none. */
function showSection(): void {
  const sections = [...document.querySelectorAll<HTMLElement>('main > section')]
  const shown = sections.find(({ id }) => `#${id}` === location.hash) ?? sections[0]!
  for (const section of sections) section.hidden = section !== shown
  for (const link of document.querySelectorAll<HTMLAnchorElement>('nav a'))
    if (link.hash === `#${shown.id}`) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
}
addEventListener('hashchange', showSection)
showSection()

$('#error button').addEventListener('click', () => {
  $('#error').hidden = true
})
await install((use) => {
  $('#update').hidden = false
  $('#update button').addEventListener('click', use)
})
const app = new App()
whoPage(app)
peoplePage(app)
comparePage(app)
modelPage(app)
await app.open()
