package meili

import "time"

// Hasten makes an engine wait less before it tries again.
func Hasten(e *Engine) { e.pause = 20 * time.Millisecond }
