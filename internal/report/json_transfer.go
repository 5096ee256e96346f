package report

import (
	"bytes"
	"encoding/json"
	"fmt"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

// transferLine is what a task moves. What is not known is absent.
type transferLine struct {
	Finder     string                `json:"finder,omitempty"`
	Tool       string                `json:"tool,omitempty"`
	Source     string                `json:"source,omitempty"`
	Target     string                `json:"target,omitempty"`
	State      observe.TransferState `json:"state,omitempty"`
	Detail     string                `json:"detail,omitempty"`
	Of         observe.AmountOf      `json:"of,omitempty"`   // what done and total are amounts of
	What       string                `json:"what,omitempty"` // what was looked at
	By         string                `json:"by,omitempty"`   // where total comes from
	Files      *float64              `json:"files,omitempty"`
	FilesTotal *float64              `json:"files_total,omitempty"`
	RateMinute *float64              `json:"rate_minute,omitempty"` // a second
	RateMean   *float64              `json:"rate_mean,omitempty"`
	RateBest   *float64              `json:"rate_best,omitempty"` // of the best minute
	Unknown    string                `json:"unknown,omitempty"`
}

// fitLine is whether there is room for a task. It is absent where that is not known.
type fitLine struct {
	Fits   bool     `json:"fits"`
	Volume string   `json:"volume,omitempty"`
	Use    string   `json:"use,omitempty"`
	Unit   string   `json:"unit,omitempty"`
	Need   *float64 `json:"need,omitempty"`
	Others *float64 `json:"others,omitempty"`
	Avail  *float64 `json:"avail,omitempty"`
	FullAt *etaLine `json:"full_at,omitempty"`
	Since  moment   `json:"since,omitzero"`
	Text   string   `json:"text,omitempty"`
}

func transferOf(t fold.TaskView) *transferLine {
	v := t.Transfer
	if v == nil {
		return nil
	}
	line := &transferLine{
		Finder: v.Finder, Tool: v.Tool, Source: v.Source, Target: v.Target, State: v.State, Detail: v.Detail,
		Of: v.Of, What: v.What, By: v.By, Unknown: v.Unknown,
		RateMean: positive(t.RateMean), RateBest: positive(t.RateBest), Files: positive(v.Files), FilesTotal: positive(v.FilesTotal),
	}
	if t.RateMinute >= 0 && t.Progress.Known {
		line.RateMinute = number(t.RateMinute)
	}
	return line
}

func fitOf(f fold.FitView) *fitLine {
	if !f.Known {
		return nil
	}
	line := &fitLine{
		Fits: f.Fits, Volume: f.Volume, Use: f.Use, Unit: f.Unit, Need: number(f.Need), Others: positive(f.Others), Avail: number(f.Avail),
		Since: moment{f.Since}, Text: f.Text,
	}
	if f.FullAt.State == rate.Range {
		full := etaOf(f.FullAt)
		line.FullAt = &full
	}
	return line
}

// positive is v, or nothing where it is zero: not known.
func positive(v float64) *float64 {
	if v <= 0 {
		return nil
	}
	return number(v)
}

// volumeLine is a volume at one moment. What is not known is absent.
type volumeLine struct {
	At         moment   `json:"at"`
	Volume     string   `json:"volume"`
	Host       string   `json:"host,omitempty"`
	Device     string   `json:"device,omitempty"`
	Type       string   `json:"type,omitempty"`
	Size       int64    `json:"size"`
	Used       int64    `json:"used"`
	Avail      int64    `json:"avail"`
	Inodes     int64    `json:"inodes,omitempty"`
	InodesFree *int64   `json:"inodes_free,omitempty"`
	ReadOnly   bool     `json:"read_only,omitempty"`
	Blind      bool     `json:"blind,omitempty"`
	Rate       *float64 `json:"rate,omitempty"`  // bytes a second by which it fills; negative: it empties
	Tasks      []string `json:"tasks,omitempty"` // that write to it
	Need       *float64 `json:"need,omitempty"`  // bytes they still write, as far as is known
	All        bool     `json:"all,omitempty"`   // need holds all of them
	Full       *etaLine `json:"full,omitempty"`
	Short      *float64 `json:"short,omitempty"` // bytes by which need is more than avail
	Text       string   `json:"text,omitempty"`
}

// VolumeLine is a volume of a snapshot as one line of JSON, without the line end: at, volume (where it is mounted),
// host, device, type, size, used, avail, inodes, inodes_free, read_only, blind, rate (bytes a second by which it fills),
// tasks, need (bytes that they still write), all (need holds all of them), full {state, p10, p50, p90}, short, text.
// It has no task, by which it is told from the line of one. What is not known is absent. It is as safe to look at as
// JSONLine.
func VolumeLine(s *fold.Snapshot, v fold.VolumeView) ([]byte, error) {
	line := volumeLine{
		At: moment{s.At}, Volume: v.Mount, Host: v.Host, Device: v.Device, Type: v.Type, Size: v.Size, Used: v.Used, Avail: v.Avail,
		Inodes: v.Inodes, ReadOnly: v.ReadOnly, Blind: v.Blind, Tasks: v.Tasks, Need: positive(v.Need), All: v.All,
		Short: positive(v.Short), Text: v.Text,
	}
	if v.Inodes > 0 {
		line.InodesFree = &v.InodesFree
	}
	if v.Rate != 0 {
		line.Rate = number(v.Rate)
	}
	if v.Full.State == rate.Range {
		full := etaOf(v.Full)
		line.Full = &full
	}
	out, err := encode(line)
	if err != nil {
		return nil, fmt.Errorf("write volume %q as JSON: %w", v.Mount, err)
	}
	return out, nil
}

// encode is a value as one line of JSON that is safe to look at.
func encode(line any) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(line); err != nil {
		return nil, err
	}
	return escape(bytes.TrimSuffix(out.Bytes(), []byte{'\n'})), nil
}
