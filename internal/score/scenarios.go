package score

// Seeds from which scenarios are drawn: the judge is tuned on the first, and reported on the second.
const (
	TuningSeed    = 1_000
	ReportingSeed = 7_000_000
)

// Scenarios are the nights that the judge is scored on: every kind of job healthy, nights of each on a bad link
// among them, and every kind of fault on kinds of job that it can befall. The more the larger size is; 10 is what
// the tables are made of.
func Scenarios(seed uint64, size int) []Scenario {
	var all []Scenario
	add := func(sc Scenario) {
		seed++
		sc.Seed = seed
		all = append(all, sc)
	}
	kinds := Kinds()
	for _, k := range kinds {
		for i := range 3 * size {
			add(Scenario{Kind: k.Name, Links: i%3 == 2})
		}
	}
	for f, fault := range Faults() {
		at := f
		for i := range 2 * size {
			for !kinds[at%len(kinds)].suffers(fault) {
				at++
			}
			add(Scenario{Kind: kinds[at%len(kinds)].Name, Fault: fault, Style: i, Lift: i%3 == 1 && fault != "restart", Links: i%5 == 3, Cut: i%8 == 7})
			at++
		}
	}
	return all
}

// Faults are the kinds of fault that are simulated, in a fixed order.
func Faults() []string {
	return []string{
		"prompt", "stopped", "tty", "frozen", "pipe", "lock", "dblock", "disk", "storage", "deadlock", "peer",
		"retry", "heartbeat", "restart", "throttle", "slow", "killed", "oom", "exit", "gone",
	}
}
