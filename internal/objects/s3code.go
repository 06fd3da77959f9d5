package objects

import "net/http"

// What the codes of S3 mean to us. A failure that passes and is not in doubt was refused before anything was done.
//
// The sources are the list of error codes in the Amazon S3 API Reference, and the codes of MinIO and versitygw.
var s3Codes = map[string]s3Error{
	"NoSuchKey":     {kind: ErrNotFound},
	"NoSuchVersion": {kind: ErrNotFound},
	"NoSuchUpload":  {missing: missingUpload, cause: "the upload is gone: is there a rule that ends uploads too early?"},
	"InvalidRange":  {missing: missingRange, cause: "no such range"},

	"PreconditionFailed": {kind: ErrConflict, cause: "the condition does not hold"},
	// Another write to the same name was under way; the condition was not judged.
	"ConditionalRequestConflict": {kind: ErrConflict, cause: "another write was under way", passes: true},
	"OperationAborted":           {kind: ErrConflict, cause: "another write was under way", passes: true},

	"KeyTooLongError":         {kind: ErrInvalid, cause: "the name is too long for the server"},
	"EntityTooLarge":          {kind: ErrInvalid, cause: "the object is too large for the server"},
	"InvalidArgument":         {kind: ErrInvalid, cause: "the server refuses the request"},
	"XMinioInvalidObjectName": {kind: ErrInvalid, cause: "the server refuses the name"},
	// A server that keeps objects in folders says this, too, while another request takes an empty folder away.
	"ExistingObjectIsDirectory":       {kind: ErrInvalid, cause: "other objects have the name as their folder", passes: true},
	"XMinioObjectExistsAsDirectory":   {kind: ErrInvalid, cause: "other objects have the name as their folder"},
	"ObjectParentIsFile":              {kind: ErrInvalid, cause: "an object has the name of the folder"},
	"XMinioParentIsObject":            {kind: ErrInvalid, cause: "an object has the name of the folder"},
	"XMinioInvalidResourceIdentifier": {kind: ErrInvalid, cause: "the server refuses the name"},

	"AccessDenied":                   {cause: denied},
	"AllAccessDisabled":              {cause: denied},
	"AccountProblem":                 {cause: denied},
	"InvalidAccessKeyId":             {cause: "access denied: the server does not know the access key"},
	"XAdminUserNotFound":             {cause: "access denied: the server does not know the access key"},
	"SignatureDoesNotMatch":          {cause: "access denied: check the secret key, and whether a proxy changes requests"},
	"ExpiredToken":                   {cause: "access denied: the key has expired"},
	"InvalidToken":                   {cause: "access denied: check the access key"},
	"RequestTimeTooSkewed":           {cause: "clock skew: set the clock of this machine or of the server"},
	"RequestExpired":                 {cause: "clock skew: set the clock of this machine or of the server"},
	"AuthorizationHeaderMalformed":   {cause: elsewhere},
	"InvalidRegion":                  {cause: elsewhere},
	"PermanentRedirect":              {cause: elsewhere},
	"TemporaryRedirect":              {cause: elsewhere},
	"NoSuchBucket":                   {cause: "the bucket does not exist: create it, or correct the address"},
	"InvalidBucketName":              {cause: "the server refuses the name of the bucket: correct the address"},
	"NotImplemented":                 {cause: "the server cannot do this: use one that speaks enough S3"},
	"MethodNotAllowed":               {cause: "the server cannot do this: check that the endpoint is one of S3"},
	"QuotaExceeded":                  {cause: full},
	"XMinioStorageFull":              {cause: full},
	"XMinioAdminBucketQuotaExceeded": {cause: full},

	"SlowDown":             {passes: true, cause: overloaded},
	"SlowDownRead":         {passes: true, cause: overloaded},
	"SlowDownWrite":        {passes: true, cause: overloaded},
	"Throttling":           {passes: true, cause: overloaded},
	"ThrottlingException":  {passes: true, cause: overloaded},
	"RequestLimitExceeded": {passes: true, cause: overloaded},
	"TooManyRequests":      {passes: true, cause: overloaded},

	// The server did not get what was sent.
	"RequestTimeout":              {passes: true, cause: mangled},
	"IncompleteBody":              {passes: true, cause: mangled},
	"BadDigest":                   {passes: true, cause: mangled},
	"XAmzContentSHA256Mismatch":   {passes: true, cause: mangled},
	"XAmzContentChecksumMismatch": {passes: true, cause: mangled},
	"ContentSHA256Mismatch":       {passes: true, cause: mangled},
	"InternalError":               {passes: true, doubt: true, cause: "the server failed: see its log"},
	"ServiceUnavailable":          {passes: true, doubt: true, cause: "the server failed: see its log"},
}

// What a status means if its code says nothing. Answers to HEAD have no code.
var s3Statuses = map[int]s3Error{
	http.StatusMovedPermanently:             {cause: elsewhere},
	http.StatusTemporaryRedirect:            {cause: elsewhere},
	http.StatusPermanentRedirect:            {cause: elsewhere},
	http.StatusUnauthorized:                 {cause: denied},
	http.StatusForbidden:                    {cause: denied},
	http.StatusRequestTimeout:               {passes: true, cause: mangled},
	http.StatusConflict:                     {kind: ErrConflict, cause: "the server says so"},
	http.StatusPreconditionFailed:           {kind: ErrConflict, cause: "the condition does not hold"},
	http.StatusRequestedRangeNotSatisfiable: {missing: missingRange, cause: "no such range"},
	http.StatusTooManyRequests:              {passes: true, cause: overloaded},
	http.StatusNotImplemented:               {cause: "the server cannot do this: use one that speaks enough S3"},
	http.StatusInsufficientStorage:          {cause: full},
}

const (
	denied = "access denied: check the key and the policy of the bucket " +
		"(S3 denies a missing object, too, if the policy does not allow ListBucket)"
	elsewhere  = "the bucket is in another region or at another endpoint: set the region"
	full       = "the storage is full: free some space or raise the quota"
	overloaded = "the server is overloaded: wait, or send it less"
	mangled    = "the request arrived broken: check the network and any proxy"
)
