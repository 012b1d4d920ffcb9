// How often attacks pass for living people, by scores that are there already, in any runtime: node pad.mjs
import { measurePad } from '@arcface/evaluate'

const presentations = [
  { name: 'a', species: null, person: 'ann', scores: [0.9] }, // a living person
  { name: 'b', species: null, person: 'bob', scores: [0.4] },
  { name: 'c', species: 'print', person: 'ann', scores: [0.2] },
  { name: 'd', species: 'print', person: 'bob', scores: null }, // no answer
]
const { detectors, species } = measurePad(presentations, [{ name: 'net', threshold: 0.5 }])
const { bpcer, apcerMax } = detectors[0].own

const { nonResponse } = species[0]
const share = ({ errors, presentations }) => `${errors} of ${presentations}`
console.log(`BPCER ${share(bpcer)}, APCER ${share(apcerMax)}, APNRR ${share(nonResponse)}`)
