package score

import "slices"

// Kind is a kind of healthy job.
type Kind struct {
	Name      string
	Minutes   [2]int // its length, from and to
	Local     bool   // runs on the watcher's own machine
	NoLog     bool
	NoProcess bool // nobody finds its process
	Counter   bool // a progress command counts bytes
	Painted   bool // a percentage stands in its log
	Served    bool // a database server works for it
	Heavy     bool // wants a whole processor
	Rests     bool // rests for minutes by itself, waiting for another machine
	work      func(*job)
}

// Kinds are all kinds of healthy job, in a fixed order.
func Kinds() []Kind {
	return []Kind{
		{Name: "upgrade", Minutes: [2]int{20, 50}, work: upgrade},
		{Name: "schema", Minutes: [2]int{25, 70}, Heavy: true, work: schema},
		{Name: "schema-served", Minutes: [2]int{25, 70}, Served: true, work: schemaServed},
		{Name: "copy", Minutes: [2]int{25, 80}, Counter: true, NoLog: true, work: copies},
		{Name: "copy-bursty", Minutes: [2]int{25, 80}, Counter: true, NoLog: true, work: copiesBursty},
		{Name: "rsync", Minutes: [2]int{20, 50}, Painted: true, work: rsync},
		{Name: "coarse", Minutes: [2]int{30, 80}, Painted: true, work: coarse},
		{Name: "dump", Minutes: [2]int{20, 50}, Heavy: true, work: dump},
		{Name: "restore", Minutes: [2]int{25, 60}, Served: true, work: restore},
		{Name: "index", Minutes: [2]int{25, 70}, Served: true, work: index},
		{Name: "apt", Minutes: [2]int{12, 30}, Heavy: true, work: packages},
		{Name: "remote", Minutes: [2]int{30, 80}, Rests: true, work: remote},
		{Name: "heartbeats", Minutes: [2]int{25, 60}, Heavy: true, work: heartbeats},
		{Name: "hiccup", Minutes: [2]int{20, 50}, work: hiccups},
		{Name: "batch", Minutes: [2]int{30, 80}, work: batches},
		{Name: "compress", Minutes: [2]int{20, 60}, Heavy: true, Local: true, work: compress},
		{Name: "io-only", Minutes: [2]int{20, 60}, work: inputOutput},
		{Name: "log-only", Minutes: [2]int{20, 50}, NoProcess: true, work: upgrade},
		{Name: "process-only", Minutes: [2]int{20, 60}, NoLog: true, work: processOnly},
		{Name: "locks", Minutes: [2]int{20, 50}, work: locks},
		{Name: "slow-steady", Minutes: [2]int{30, 80}, Counter: true, work: slowSteady},
		{Name: "tables", Minutes: [2]int{25, 70}, Counter: true, NoLog: true, work: tables},
		{Name: "grumbler", Minutes: [2]int{20, 60}, work: grumbler},
		{Name: "mailboxes", Minutes: [2]int{25, 70}, Served: true, work: mailboxes},
		{Name: "java", Minutes: [2]int{20, 60}, Local: true, Heavy: true, work: javaJob},
	}
}

func kindOf(name string) Kind {
	kinds := Kinds()
	return kinds[slices.IndexFunc(kinds, func(k Kind) bool { return k.Name == name })]
}

// suffers tells whether a fault can befall a kind, and be seen by anybody.
func (k Kind) suffers(fault string) bool {
	switch fault {
	case "retry", "heartbeat":
		return !k.NoLog && (fault == "retry" || !k.NoProcess)
	case "disk":
		return !k.NoLog && !k.Rests
	case "prompt":
		return !k.NoProcess || !k.NoLog
	case "restart":
		return k.Counter && k.NoLog && k.Name != "tables" || k.Name == "rsync"
	case "slow":
		return k.Counter && k.NoLog && k.Name != "tables"
	case "throttle":
		return k.Heavy
	case "dblock":
		return k.Served
	}
	return !k.NoProcess
}
