import {
  type Html,
  html,
  htmlPage,
  htmlTable,
  inBrackets,
  lineChart,
  lines,
  type Section,
} from '@arcface/evaluate/report'
import type { Attack, InversionAudit } from './audit.js'
import { type InversionFigures, type InversionRow, inversionFigures } from './figures.js'
import type { Group } from './people.js'
import type { Estimate } from './summary.js'

/** People of each group who are shown. */
const SHOWN = 12

/** What a way of attack is called. */
const nameOf = ({ set, protection }: Pick<InversionRow, 'set' | 'protection'>): string =>
  `${set}${protection === 'none' ? '' : `, ${protection}`}`

const groups: Readonly<Record<Group, string>> = {
  member: 'trained on',
  stranger: 'not trained on',
  unknown: '',
}

/** `12 trained on`; of a file nobody says whom it was trained on. */
const people = ({ people, group }: Pick<InversionRow, 'people' | 'group'>): string =>
  `${people} ${groups[group]}`.trimEnd()

/**
 * One self-contained page with the pictures of people: for its owner's eyes.
 * @param facts what was attacked, by what it was judged
 * @param pictureOf a picture as a `data:` address
 */
export function inversionReport(
  audit: InversionAudit,
  facts: readonly (readonly [string, string])[],
  pictureOf: (pixels: Uint8Array) => string,
): string {
  const figures = inversionFigures(audit)
  const unfinished = audit.finished
    ? []
    : [
        {
          title: 'Not finished',
          html: html`<p>The work was ended before all was done: these are the figures of what there is.</p>`,
        },
      ]
  return htmlPage('What a network gives away of faces', [
    ...unfinished,
    { title: 'What another network takes the pictures for', html: successTable(figures) },
    { title: 'How surely', html: cosineTable(figures) },
    { title: 'The way of the pictures', html: course(figures) },
    ...audit.attacks.filter(({ drawn }) => drawn.length > 0).map((one) => grid(one, pictureOf)),
    {
      title: 'What was done',
      html: html`${htmlTable([], settingsOf(audit, facts))}<p>An attacker who has the network's weights leads pixels by Adam until the network sees in them the class (closed) or the template of one photograph (open) that was given. The judge is another network, which never saw the attacked one.</p>`,
    },
  ])
}

function successTable({ rows, real }: InversionFigures): Html {
  const fars = real[0]!.success.map(
    ({ far, threshold }) => `FAR ${far} (cosine > ${threshold.toFixed(3)})`,
  )
  const header = ['Attack', 'People', ...fars]
  const others = ({ success }: Pick<InversionRow, 'success'>) =>
    success.map(({ others }) => inPercent(others))
  const unprotected = rows.filter(({ protection }) => protection === 'none')
  const stolen = rows.filter(({ set }) => set === 'open')
  return html`${htmlTable(header, [
    ...rows.map((row) => [nameOf(row), people(row), ...others(row)]),
    ...real.map((row) => ['a real photograph', people(row), ...others(row)]),
    ...unprotected.map((row) => [
      `${nameOf(row)}, with other people's`,
      people(row),
      ...row.success.map(({ strangers }) => (strangers === null ? '–' : percent(strangers))),
    ]),
  ])}<p>The share of other photographs of the person that the judge takes for the person of the picture: the mean over people, with 95 % limits over people. A real photograph is the most that can be; with other people's photographs it is chance.</p>${
    stolen.length > 0 &&
    html`<br>${htmlTable(
      header,
      stolen.map((row) => [
        nameOf(row),
        people(row),
        ...row.success.map(({ same }) => (same ? inPercent(same) : '')),
      ]),
    )}<p>The same for the very photograph whose template was stolen: a door that keeps the template of that one.</p>`
  }`
}

function cosineTable({ rows, real }: InversionFigures): Html {
  const header = ['Attack', 'People', "Judge's cosine", "With other people's", "The network's own"]
  const judged = (row: InversionFigures['real'][number]) => [
    people(row),
    figure(row.cosine),
    row.strangers?.toFixed(3) ?? '–',
  ]
  return html`${htmlTable(header, [
    ...rows.map((row) => [nameOf(row), ...judged(row), figure(row.reached)]),
    ...real.map((row) => ['a real photograph', ...judged(row), '–']),
  ])}<p>The network's own cosine is that of the picture with the person's template as it is without protection, or with the centre of the class: the attacked network itself opens where it is high.</p>`
}

function course({ rows }: InversionFigures): Html {
  return lineChart({
    x: { name: 'step', min: 0 },
    y: { name: "judge's cosine" },
    series: rows.map((row) => ({
      name: row.group === 'unknown' ? nameOf(row) : `${nameOf(row)}, ${groups[row.group]}`,
      points: row.course.map(({ step, cosine }) => [step, cosine] as const),
    })),
  })
}

function grid(
  { set, protection, drawn }: Attack,
  pictureOf: (pixels: Uint8Array) => string,
): Section {
  const shown = (Object.keys(groups) as Group[]).flatMap((group) =>
    drawn.filter(({ target }) => target.group === group).slice(0, SHOWN),
  )
  const cell = (pixels: Uint8Array, name: string, caption: string) =>
    html`<td style="padding: 2px"><figure><img src="${pictureOf(pixels)}" alt="${name}" width="96" height="96"><figcaption>${caption}</figcaption></figure></td>`
  const rows = shown.map(({ target, stages }) => {
    const cells = stages.map(({ step, image, others }) => {
      const cosine = others.reduce((sum, one) => sum + one, 0) / others.length
      return cell(
        image,
        `${target.person} after ${step} steps`,
        `step ${step}, ${cosine.toFixed(2)}`,
      )
    })
    return html`<tr>${cell(target.source, target.person, target.group === 'unknown' ? target.person : `${target.person} (${groups[target.group]})`)}${cells}</tr>`
  })
  return {
    title: `Pictures: ${nameOf({ set, protection })}`,
    html: html`<div class="table"><table><tbody>\n${lines(rows)}\n</tbody></table></div><p>Left a real photograph, then what the network drew; below it the judge's mean cosine with other photographs of the person.</p>`,
  }
}

function settingsOf(
  { settings, start, points, source, hasBatchNorm }: InversionAudit,
  facts: readonly (readonly [string, string])[],
): (readonly [string, string])[] {
  const { steps, seed, lr, batchNorm, totalVariation, length, shift } = settings
  return [
    ...facts,
    [
      "Judge's thresholds",
      `${points.map(({ far, threshold }) => `${threshold.toFixed(4)} at FAR ${far}`).join(', ')}, of ${source}`,
    ],
    ['Begins with', start === 'mean' ? 'the mean of faces of other people' : 'noise about grey'],
    ['Steps', `${steps} of Adam, learning rate ${lr}, falling to 0`],
    [
      'Weights',
      `${hasBatchNorm ? `BatchNorm ${batchNorm}` : 'no BatchNorm in the network'}, total variation ${totalVariation}, length ${length}`,
    ],
    ['Moved', `mirrored every second time, by up to ${shift} pixels`],
    ['Seed', `${seed}`],
  ]
}

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

const inPercent = ({ value, interval }: Estimate): string =>
  percent(value) + inBrackets(interval, percent)

const three = (value: number): string => value.toFixed(3)

const figure = ({ value, interval }: Estimate): string => three(value) + inBrackets(interval, three)
