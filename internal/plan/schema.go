package plan

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/invopop/jsonschema"
)

// Schema returns the JSON schema (draft 2020-12) of a plan, for editors. It describes form; what holds
// between the parts of a plan only Decode knows.
func Schema() ([]byte, error) {
	r := jsonschema.Reflector{
		Anonymous:                  true,
		ExpandedStruct:             true,
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		Mapper:                     leafSchema,
	}
	s := r.Reflect(&document{})
	s.Title = "ronda plan"
	if hosts, ok := s.Properties.Get("hosts"); ok { // a host may stand there with nothing but its name
		hosts.AdditionalProperties = &jsonschema.Schema{OneOf: []*jsonschema.Schema{{Ref: "#/$defs/host"}, {Type: "null"}}}
	}
	for name, v := range map[string]any{"command": &command{}, "volume": &room{}} {
		long := r.Reflect(v)
		long.Version = ""
		s.Definitions[name] = long
	}
	out, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the plan's schema: %w", err)
	}
	return append(out, '\n'), nil
}

// leafSchema gives the schema of what reads itself from a node.
func leafSchema(t reflect.Type) *jsonschema.Schema {
	line := func() *jsonschema.Schema { return &jsonschema.Schema{Type: "string", MinLength: new(uint64(1))} }
	oneOrMore := func() []*jsonschema.Schema {
		return []*jsonschema.Schema{line(), {Type: "array", Items: line()}}
	}
	switch reflect.New(t).Interface().(type) {
	case *text:
		return line()
	case *pattern:
		s := line()
		s.Format = "regex"
		return s
	case *patterns:
		return &jsonschema.Schema{OneOf: oneOrMore()}
	case *progress:
		return &jsonschema.Schema{OneOf: append(oneOrMore(), &jsonschema.Schema{Ref: "#/$defs/command"})}
	case *moment:
		s := line()
		s.Examples = []any{"23:00", "2026-11-28T23:00:00+07:00"}
		return s
	case *span:
		s := line()
		s.Pattern = `^([0-9]+(\.[0-9]+)?(h|m|s|ms))+$`
		s.Examples = []any{"45m", "1h30m"}
		return s
	case *size:
		s := &jsonschema.Schema{Type: "string", Pattern: `^[0-9]+(\.[0-9]+)? *([KMGTPEkmgtpe]i?[Bb]|[Bb])?$`, Examples: []any{"120GB", "1.5TiB"}}
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{s, {Type: "integer", Minimum: "1"}}}
	case *factor:
		return &jsonschema.Schema{Type: "number", ExclusiveMinimum: "0", Maximum: json.Number(strconv.Itoa(maxFactor))}
	case *volume:
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{line(), {Ref: "#/$defs/volume"}}}
	case *whole:
		return &jsonschema.Schema{Type: "integer"}
	case *flag:
		return &jsonschema.Schema{Type: "boolean"}
	case *events:
		var words []any
		for _, w := range eventWords() {
			words = append(words, w)
		}
		return &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{Type: "string", Enum: words}}
	}
	return nil
}

// schemaLine is the first line of a generated plan: editors with a YAML language server take the schema from
// the file it names, which is made with: ronda schema > plan.schema.json.
const schemaLine = "# yaml-language-server: $schema=plan.schema.json\n"
