import { bundle } from './bundle.ts'
import { sabotages } from './sabotages.ts'
const { name, laws, ...p } = sabotages.find(s => s.name.includes('code to rest'))!
console.log(await bundle('child.ts', 'hang', [p]))
