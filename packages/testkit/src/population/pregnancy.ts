import { DAY, dayOf } from './clock.ts'
import { ageAt } from './person.ts'
import { addVisit, type Plan } from './visit.ts'

/** A pregnancy that begins in a year: prenatal visits, and the birth. */
export function pregnancies(plan: Plan, year: number): void {
  const random = plan.random
  const age = ageAt(plan.person, dayOf(year, 6, 1))
  if (!plan.person.female || age < 18 || age > 43) return
  if (!random.chance(age > 25 && age < 36 ? 0.085 : 0.035)) return
  const began = dayOf(year, random.between(0, 11), random.between(1, 28))
  const due = began + 280 * DAY
  const pregnancy = { id: random.uuid(), began, due }
  for (const week of [9, 14, 19, 24, 28, 32, 35, 37, 39]) addVisit(plan, 'prenatal', began + week * 7 * DAY, { pregnancy })
  addVisit(plan, 'delivery', due + random.between(-16, 7) * DAY, { pregnancy })
}
