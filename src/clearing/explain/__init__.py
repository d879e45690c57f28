"""Why a priced answer is as it is; pure functions of case, rules and result that solve nothing."""
