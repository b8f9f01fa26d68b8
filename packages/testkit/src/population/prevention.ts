import { calendarDay, DAY, dayOf, YEAR } from './clock.ts'
import { childhoodSchedule, type VaccineKey } from './codes/vaccines.ts'
import { ageAt } from './person.ts'
import { addVisit, type Plan } from './visit.ts'

/** Check-ups of a year: by the schedule in childhood, then now and then, then nearly every year. */
export function wellness(plan: Plan, year: number): void {
  const { birth } = plan.person
  const age = ageAt(plan.person, dayOf(year, 6, 1))
  const random = plan.random
  if (age < 13) {
    for (const [months, vaccines] of childhoodSchedule) {
      const day = birth + Math.floor((months / 12) * YEAR) + random.between(0, 20) * DAY
      if (calendarDay(day).year === year && random.chance(0.93)) addVisit(plan, 'wellChild', day, { vaccines })
    }
  }
  if (age < 3 || (age < 13 && childhoodSchedule.some(([months]) => Math.abs(months / 12 - age) < 0.4))) return
  const chance = age < 18 ? 0.72 : age < 40 ? 0.5 : age < 65 ? 0.68 : 0.84
  if (random.chance(chance))
    addVisit(plan, age < 18 ? 'wellChild' : 'wellness', dayOf(year, random.between(0, 11), random.between(1, 28)), {
      vaccines: adultVaccines(plan, age),
    })
}

function adultVaccines(plan: Plan, age: number): VaccineKey[] {
  const random = plan.random
  const due: VaccineKey[] = []
  if (age >= 11 && age < 13 && random.chance(0.6)) due.push('tdap', 'hpv')
  if (age >= 18 && random.chance(0.09)) due.push('td')
  if (age >= 50 && age < 75 && random.chance(0.14)) due.push('zoster')
  if (age >= 65 && random.chance(0.12)) due.push('pneumococcal')
  return due
}

/** Shots in the autumn, and those of the spring of 2021. */
export function shots(plan: Plan, year: number): void {
  const random = plan.random
  const age = ageAt(plan.person, dayOf(year, 9, 1))
  if (age < 0.5) return
  const ill = plan.person.chronic.length > 1 ? 0.1 : 0
  const willing = age < 18 ? 0.52 : age < 50 ? 0.34 : age < 65 ? 0.46 : 0.7
  // September to January, most of all in October.
  const day = dayOf(year, 8, 1) + Math.floor(12 + Math.abs(random.normal(32, 22))) * DAY
  if (random.chance(willing + ill)) {
    const covid: readonly VaccineKey[] =
      year >= 2021 && age >= 12 && random.chance(age >= 65 ? 0.5 : 0.22) ? [year >= 2023 ? 'covidUpdated' : 'covid'] : []
    addVisit(plan, 'shot', day, { vaccines: [age >= 65 ? 'fluHighDose' : 'flu', ...covid] })
  }
  if (year === 2021 && age >= 16 && random.chance(0.7)) {
    const first = dayOf(2021, age >= 65 ? 1 : 3, random.between(1, 50))
    addVisit(plan, 'shot', first, { vaccines: ['covid'] })
    addVisit(plan, 'shot', first + 21 * DAY, { vaccines: ['covid'] })
  }
}
